// The order in which everything is measured.
import { names } from "./figures.js";
import { measureInterruptions } from "./interruption.js";
import { measureStartUp } from "./start-up.js";
import { measureBots, needTerraform, openProjectData } from "./terraform.js";
import { measureWorld } from "./world.js";

/** How often a project of a size is measured: medians of the large ones would take hours. */
const roundsOf = (size, { rounds, long }) => rounds ?? (size <= 300 ? 5 : size <= 3000 || long ? 3 : 1);

/** How often each command that only reads is run in a round. */
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
      const [line] = error.message.split("\n");
      process.stderr.write(`${line}\n`);
    }
  };
  if (parts.has("startup")) {
    await attempt(() => measureStartUp({ pairs: settings.rounds ?? 20, allHelp: settings.check, record }));
  }
  await measureWorlds(settings, record, attempt);
  if (parts.has("paced")) {
    await measurePaced(settings, record, attempt);
    await attempt(() => measureInterruptions(record));
  }
  if (parts.has("terraform")) await measureProvider(settings, record, attempt);
  return failures;
}

const worldParts = ["validate", "plan", "apply", "promote", "destroy"];

async function measureWorlds(settings, record, attempt) {
  const { parts, sizes } = settings;
  if (![...worldParts, "terraform"].some((part) => parts.has(part))) return;
  for (const size of sizes) {
    for (let round = 0; round < roundsOf(size, settings); round += 1) {
      await measureRound(settings, { size, isFirst: round === 0 }, record, attempt);
    }
  }
}

/** The two emulators in turn, and in the first round terraform with the same texts beside cozeform's plan. */
async function measureRound(settings, { size, isFirst }, record, attempt) {
  const { parts } = settings;
  const repeats = repeatsOf(size, settings);
  const measure = (emulator, some, besidePlan) =>
    attempt(() => measureWorld({ size, emulator, pace: "none", parts: some, repeats, record, besidePlan }));
  if (isFirst && parts.has("terraform")) {
    await attempt(async () => {
      await needTerraform();
      const data = openProjectData(size, record);
      await measure(names.own, parts, data.measure).finally(data.close);
    });
  } else await measure(names.own, parts);
  await measure(names.embedded, new Set([...parts].filter((part) => part !== "validate")));
}

/** The sizes of prompts that the provider is measured with: all of them at 1,000 bots. */
const promptSizes = [500, 2000];

async function measureProvider(settings, record, attempt) {
  for (const count of settings.sizes) {
    for (const characters of count === 1000 ? promptSizes : promptSizes.slice(0, 1)) {
      const rounds = roundsOf(count, settings);
      await attempt(() => measureBots({ count, characters, rounds, record }));
    }
  }
}

/** Rounds at a limit run beside each other: they wait for the limit, not for the machine. */
async function measurePaced(settings, record, attempt) {
  const parts = new Set(["plan", "apply", "promote", "destroy"]);
  for (const size of settings.sizes.filter((one) => one <= 3000 || settings.long)) {
    const rounds = Array.from({ length: roundsOf(size, settings) }, () =>
      attempt(() =>
        measureWorld({ size, emulator: names.own, pace: names.paced, parts, repeats: 1, record }),
      ),
    );
    await Promise.all(rounds);
  }
}
