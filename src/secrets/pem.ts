/**
 * A text whose keys in PEM form have their line breaks again, where they were written as `\n`, became spaces or got
 * lost, as variables of CI systems have it. Keys with headers, and all other text, stay as they are.
 */
export const restoreLineBreaks = (text: string): string =>
  text
    .replaceAll(/(?:\\r)?\\n/g, "\n")
    .replaceAll(/(-----BEGIN [A-Z ]+-----)([^-:]*)(-----END [A-Z ]+-----)/g, (_whole, begin, body, end) =>
      [
        begin,
        ...(String(body)
          .replaceAll(/\s+/g, "")
          .match(/.{1,64}/g) ?? []),
        end,
      ].join("\n"),
    );
