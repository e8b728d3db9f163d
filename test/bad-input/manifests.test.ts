import { sweepManifests } from "./sweep.ts";

sweepManifests(["desk", "faq", "lookup"]);
