// The order in which everything is measured.
import { measureStartUp } from "./start-up.js";
import { measureWorld } from "./world.js";

/** How often a project of a size is measured: medians of the large ones would take hours. */
const roundsOf = (size, { rounds, long }) => rounds ?? (size <= 300 ? 5 : size <= 3000 || long ? 3 : 1);

/** How often each plan of a project is made in a round. */
const repeatsOf = (size, settings) => (roundsOf(size, settings) === 1 ? 3 : 1);

/** Measures what the settings ask for. Returns the messages of what failed; the rest is measured all the same. */
export async function measureAll(settings, record) {
  const { parts } = settings;
  const failures = [];
  const attempt = async (what) => {
    try {
      await what();
    } catch (error) {
      failures.push(error.message);
      process.stderr.write(`${error.message}\n`);
    }
  };
  if (parts.has("startup")) await attempt(() => measureStartUp({ allHelp: settings.check, record }));
  await measureWorlds(settings, record, attempt);
  if (parts.has("paced")) await measurePaced(settings, record, attempt);
  return failures;
}

async function measureWorlds(settings, record, attempt) {
  const { parts, sizes } = settings;
  if (!["validate", "plan", "apply", "promote", "destroy"].some((part) => parts.has(part))) return;
  for (const size of sizes) {
    for (let round = 0; round < roundsOf(size, settings); round += 1) {
      for (const emulator of ["own process", "embedded"]) {
        const isTwice = emulator === "embedded";
        const some = isTwice ? new Set([...parts].filter((part) => part !== "validate")) : parts;
        const repeats = repeatsOf(size, settings);
        await attempt(() => measureWorld({ size, emulator, pace: "none", parts: some, repeats, record }));
      }
    }
  }
}

/** Rounds at a limit run beside each other: they wait for the limit, not for the machine. */
async function measurePaced(settings, record, attempt) {
  const parts = new Set(["plan", "apply", "promote", "destroy"]);
  for (const size of settings.sizes.filter((one) => one <= 3000 || settings.long)) {
    const rounds = Array.from({ length: roundsOf(size, settings) }, () =>
      attempt(() =>
        measureWorld({ size, emulator: "own process", pace: "50 ms, 20/s", parts, repeats: 1, record }),
      ),
    );
    await Promise.all(rounds);
  }
}
