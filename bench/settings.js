// What is measured: the command line of the bench.
import { parseArgs } from "node:util";

/** The parts that can be measured alone. */
export const partNames = ["startup", "validate", "plan", "apply", "paced", "promote", "destroy", "terraform"];

const usage = `Usage: npm run bench -- [options]

  --check              compare with the budgets; exit with 1 if one is missed
  --json               print JSON instead of tables
  --only PART[,PART]   ${partNames.join(", ")}
  --sizes N[,N]        resources of the projects (default: 100,1000,10000)
  --rounds N           how often each figure is measured (default: less often the larger a project is)
  --write FILE         write the tables into a Markdown file, between its marks
  --long               also 10,000 resources at 50 ms and 20 calls a second, and more rounds
`;

/** Reads the command line; prints what is wrong with it, or the usage, and exits. */
export function readSettings(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        check: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        only: { type: "string" },
        sizes: { type: "string", default: "100,1000,10000" },
        rounds: { type: "string" },
        write: { type: "string" },
        long: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) exit(usage, 0);
    const parts = values.only?.split(",") ?? partNames;
    for (const part of parts) if (!partNames.includes(part)) throw new Error(`there is no part ${part}`);
    return {
      ...values,
      parts: new Set(parts),
      sizes: values.sizes.split(",").map(readCount),
      rounds: values.rounds === undefined ? undefined : readCount(values.rounds),
    };
  } catch (error) {
    exit(`${error.message}\n\n${usage}`, 2);
  }
}

function readCount(text) {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`${text} isn't a number of resources or rounds`);
  return Number(text);
}

function exit(text, code) {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
