import { readFileSync } from "node:fs";
import { packageFile } from "./package-files.ts";

const manifest = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as {
  readonly version: string;
};

/** The version of this package. */
export const version: string = manifest.version;
