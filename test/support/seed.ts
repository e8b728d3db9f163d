import fc from "fast-check";

// The same values in every run, so that a change is judged by itself; another number looks elsewhere.
fc.configureGlobal({ seed: Number(process.env.SEED ?? 20_261) });
