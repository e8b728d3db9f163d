import { holdsMarks } from "../../core/content-faults.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { say } from "../../messages/text.ts";
import { findSecrets, maskSecrets, maskSpan, placeFound, placeOffset } from "../../secrets/detection.ts";
import { findPersonalData } from "../../secrets/personal-data.ts";
import { personalData, withMore } from "../checks/personal-data.ts";
import type { Report } from "../problems.ts";
import { isProjectFile } from "../project/discover-manifests.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { type ParsedDocument, readPlain } from "./plain-documents.ts";
import type { Scalar, SourceNode } from "./source-tree.ts";

/** The YAML files of a project as they are read, and their texts with secrets starred out for reports. */
export interface Sources {
  readonly texts: ReadonlyMap<string, string>;
  /**
   * The documents of a file; none when it can't be read, which is reported. `placesOf` finds the parts of a document
   * that aren't like all others.
   */
  read(file: string, placesOf?: (root: SourceNode) => SecretPlaces): Promise<readonly ParsedDocument[]>;
  /** The manifest of a kind that a Markdown file is; none when it can't be read, which is reported. */
  readMarkdown(file: string, kind: KindSchema): Promise<readonly ParsedDocument[]>;
  /** Stars out a value in its file's text. */
  mask(value: Scalar): void;
}

/** Parts of a document that have rules of their own for secrets. */
export interface SecretPlaces {
  /** Where `{env: NAME}` names a secret; everywhere else that is `${env.NAME}`. */
  readonly byName: readonly Scalar[];
  /** Addresses, in which each part too many is reported as such. */
  readonly addresses: readonly Scalar[];
}

const nowhere: SecretPlaces = { byName: [], addresses: [] };

export function openSources(files: ProjectFiles, report: Report): Sources {
  const texts = new Map<string, string>();
  const reportSecrets = (file: string, text: string, places: readonly SecretPlaces[]) => {
    for (const { offset, what } of findSecrets(text)) {
      const isIn = ({ span }: Scalar) => span && span[0] <= offset && offset < span[1];
      if (places.some(({ addresses }) => addresses.some(isIn))) continue;
      const named = places.some(({ byName }) => byName.some(isIn));
      report(placeOffset(file, text, offset), {
        code: "secret-in-clear",
        message: say("manifest-yaml/secret", { what }),
        hint: say(named ? "manifest-yaml/secret-by-name" : "manifest-yaml/secret-by-interpolation"),
      });
    }
    for (const one of placeFound(file, text, findPersonalData(text)))
      report(one.at, withMore(personalData(one.what, { inProjectFile: isProjectFile(file) }), one));
  };
  return {
    texts,
    async read(file, placesOf = () => nowhere) {
      const read = await files.readSource(file);
      if ("complaint" in read) {
        report({ file, line: 1, column: 1 }, read.complaint);
        return [];
      }
      texts.set(file, maskSecrets(read.value));
      const plain = holdsMarks(read.value) ? undefined : readPlain(file, read.value);
      const documents = plain ?? (await parseWithCare(file, read.value, report));
      const places = documents.map(({ root }) => placesOf(root));
      reportSecrets(file, read.value, places);
      return documents;
    },
    async readMarkdown(file, kind) {
      // Its body is prose, in which the marks of a merge are as wrong as in any other text.
      const read = await files.readText(file);
      if ("complaint" in read) {
        report({ file, line: 1, column: 1 }, read.complaint);
        return [];
      }
      const text = read.value;
      texts.set(file, maskSecrets(text));
      const [{ parseSource }, { readMarkdown }] = await Promise.all([
        import("./parse.ts"),
        import("./front-matter.ts"),
      ]);
      const parse = (frontMatter: string) => {
        reportSecrets(file, frontMatter, []);
        return readPlain(file, frontMatter) ?? parseSource(file, frontMatter, report);
      };
      const document = readMarkdown({ file, text }, kind, parse, report);
      return document ? [document] : [];
    },
    mask({ at, span }) {
      const text = texts.get(at.file);
      if (text !== undefined && span) texts.set(at.file, maskSpan(text, span));
    },
  };
}

/** Most projects are plain, and what reads anything else takes time to load. */
async function parseWithCare(file: string, text: string, report: Report) {
  const { parseSource } = await import("./parse.ts");
  return parseSource(file, text, report);
}
