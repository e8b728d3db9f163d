// An emulator with limits in a process of its own, for pace.js: its work mustn't hold up the clock of who is measured.
import { createEmulator } from "../dist/index.js";

const emulator = createEmulator({ limits: JSON.parse(process.argv[2]), keepRequests: 0 });
const { url } = await emulator.listen();
process.send({ url, token: emulator.token });
process.once("disconnect", () => process.exit());
