import {
  Composer,
  type Document,
  isScalar,
  type ParsedNode,
  Parser,
  visit,
  type Node as YamlNode,
} from "yaml";
import { takeOurs } from "../../core/content-faults.ts";
import type { Location } from "../../core/diagnostic.ts";
import { addTo } from "../../core/group.ts";
import { explain } from "../../messages/text.ts";
import { type Report, watchErrors } from "../problems.ts";
import { type ParsedDocument, placeLines, readPlain } from "./plain-documents.ts";
import type { Place } from "./scalar-reader.ts";
import { needsCare } from "./silent-slips.ts";
import { mendSlips, type Verdict } from "./slips.ts";
import { describeDepth, explainYaml, findTooDeep, type YamlFault } from "./syntax-errors.ts";
import { type Anchors, ValueReader } from "./value-reader.ts";

/** Parses a YAML text; the marks of an unfinished merge are reported and nothing else is, since they damage the rest. */
export function parseSource(file: string, text: string, report: Report): readonly ParsedDocument[] {
  const { text: ours, marks } = takeOurs(text);
  if (marks.length === 0) return parseYaml(file, text, report);
  for (const { line, mark } of marks) {
    const problem = explain("manifest-yaml/conflict", { mark });
    report({ file, line, column: 1 }, { code: "merge-conflict", ...problem });
  }
  // What one side says isn't judged; its names are known, so that references to them aren't reported.
  return parseYaml(file, ours, () => {}).map((document) => ({ ...document, damaged: true }));
}

/**
 * Reads the documents of a YAML text, whose lines end in LF, with the place of every part; empty ones are skipped.
 * Columns count UTF-16 units from 1, as editors do.
 */
export function parseYaml(file: string, text: string, report: Report): readonly ParsedDocument[] {
  const placeIn = placeLines(file, text);
  return readPlain(file, text) ?? readSound(text, placeIn) ?? readFaulty(text, placeIn, report);
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

const openComposer = () =>
  new Composer<ParsedNode>({
    intAsBigInt: true,
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });

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
