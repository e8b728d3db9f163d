import { sweepManifests } from "./sweep.ts";

sweepManifests(["bot", "patch"]);
