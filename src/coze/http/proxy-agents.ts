// What a run with a proxy loads; of a CommonJS package, the names have to be imported statically to survive bundling.
export { Client, EnvHttpProxyAgent, fetch, Pool } from "undici";
