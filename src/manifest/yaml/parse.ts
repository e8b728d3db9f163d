import {
  Composer,
  type Document,
  isScalar,
  LineCounter,
  type ParsedNode,
  Parser,
  visit,
  type Node as YamlNode,
} from "yaml";
import type { Location } from "../../core/diagnostic.ts";
import { addTo } from "../../core/group.ts";
import { type Report, watchErrors } from "../problems.ts";
import { PlainReader } from "./plain-reader.ts";
import { type Place, yamlOptions } from "./scalar-reader.ts";
import { mendSlips, needsCare, type Verdict } from "./slips.ts";
import type { SourceNode } from "./source-tree.ts";
import { describeDepth, explainYaml, findTooDeep, type YamlFault } from "./syntax-errors.ts";
import { type Anchors, ValueReader } from "./value-reader.ts";

/** One YAML document of a file. */
export interface ParsedDocument {
  readonly root: SourceNode;
  /** YAML itself found fault with it, so its contents may be cut short. */
  readonly damaged: boolean;
  /** Something in it is wrong whatever it describes: a key that is there twice, an alias of nothing. */
  readonly flawed: boolean;
}

/**
 * Reads the documents of a YAML text, whose lines end in LF, with the place of every part; empty ones are skipped.
 * Columns count UTF-16 units from 1, as editors do.
 */
export function parseYaml(file: string, text: string, report: Report): readonly ParsedDocument[] {
  const placeIn = placeLines(file, text);
  return readPlain(text, placeIn) ?? readSound(text, placeIn) ?? readFaulty(text, placeIn, report);
}

function placeLines(file: string, text: string): Place {
  const lines = new LineCounter();
  // In faulty texts the parser passes over some line ends.
  for (let begin = 0; ; ) {
    lines.addNewLine(begin);
    const end = text.indexOf("\n", begin);
    if (end < 0) break;
    begin = end + 1;
  }
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
}

/** The documents of a text that holds only what {@link PlainReader} knows; undefined of any other. */
function readPlain(text: string, place: Place): readonly ParsedDocument[] | undefined {
  const found: ParsedDocument[] = [];
  const reader = new PlainReader(text, place);
  for (const token of new Parser().parse(text)) {
    if (token.type === "space" || token.type === "comment" || token.type === "newline") continue;
    if (token.type !== "document" || needsCare(token, text)) return undefined;
    const root = reader.read(token);
    if (!root) return undefined;
    if (root !== "nothing") found.push({ root, damaged: false, flawed: false });
  }
  return found;
}

/**
 * The documents of a text with which nothing is wrong, read once from its beginning to its end; undefined if something
 * is. Nothing of a document is kept but its values: tokens and nodes take many times the memory of the text.
 */
function readSound(text: string, place: Place): readonly ParsedDocument[] | undefined {
  const found: ParsedDocument[] = [];
  let isSound = true;
  const report: Report = () => {
    isSound = false;
  };
  const read = (documents: Iterable<Document.Parsed>) => {
    for (const { contents, errors, warnings } of documents) {
      isSound &&= errors.length === 0 && warnings.length === 0;
      if (!isSound) return;
      if (!contents || isEmpty(contents)) continue;
      const root = new ValueReader(text, place, report, noAnchors).read(contents, place(contents.range[0]));
      found.push({ root, damaged: false, flawed: false });
    }
  };
  const composer = openComposer();
  for (const token of new Parser().parse(text)) {
    if (needsCare(token, text)) return undefined;
    read(composer.next(token));
    if (!isSound) return undefined;
  }
  read(composer.end());
  return isSound ? found : undefined;
}

const noAnchors: Anchors = new Map();

/** Reads a text with which something is wrong as far as possible, and reports what it is. */
function readFaulty(text: string, placeOrigin: Place, report: Report): readonly ParsedDocument[] {
  const deep = findTooDeep([...new Parser().parse(text)]);
  if (deep !== undefined) {
    report(placeOrigin(deep), describeDepth());
    return [];
  }
  const mended = mendSlips(text, judge);
  const place: Place = (offset) => placeOrigin(mended.origin(offset));
  for (const { offset, message, hint } of mended.slips) {
    report(placeOrigin(offset), { code: "yaml-syntax", message, hint });
  }
  const { documents, faults } = readDocuments(mended.text);
  const anchors = listAnchors(documents, place);
  return documents.flatMap((document, index) => {
    const [begin, , end] = document.range;
    const isMended = mended.slips.some(
      ({ offset }) => mended.origin(begin) <= offset && offset < mended.origin(end),
    );
    const damaged = reportYaml(faults[index] ?? [], place, report) || isMended;
    if (!document.contents || isEmpty(document.contents)) return [];
    const watched = watchErrors(report);
    const reader = new ValueReader(mended.text, place, watched.report, anchors);
    const root = reader.read(document.contents, place(document.contents.range[0]));
    return [{ root, damaged, flawed: watched.failed() }];
  });
}

function readDocuments(text: string) {
  const tokens = [...new Parser().parse(text)];
  const documents = [...openComposer().compose(tokens)];
  return { tokens, documents, faults: explainYaml(text, tokens, documents) };
}

function judge(text: string): Verdict {
  const { tokens, faults } = readDocuments(text);
  const errors = faults.flat().filter(({ severity }) => severity !== "warning");
  return { tokens, errors: errors.map(({ offset }) => offset).sort((a, b) => a - b) };
}

const openComposer = () => new Composer<ParsedNode>(yamlOptions);

function listAnchors(documents: readonly Document.Parsed[], place: Place): Anchors {
  const anchors = new Map<string, Location[]>();
  for (const { contents } of documents) {
    visit(contents, {
      Value(_, { anchor, range }) {
        const at = anchor !== undefined && range ? place(range[0]) : undefined;
        if (anchor !== undefined && at) addTo(anchors, anchor, at);
      },
    });
  }
  return anchors;
}

/** Reports what YAML found wrong with a document; tells whether there was an error among it. */
function reportYaml(faults: readonly YamlFault[], place: Place, report: Report): boolean {
  const watched = watchErrors(report);
  const seen = new Set<number>();
  for (const fault of faults) {
    const at = place(fault.offset);
    // One slip makes YAML complain several times on its line.
    if (fault.code === "yaml-syntax" && seen.has(at.line)) continue;
    seen.add(at.line);
    watched.report(at, fault);
  }
  return watched.failed();
}

const isEmpty = (node: YamlNode): boolean => isScalar(node) && node.value === null && node.source === "";
