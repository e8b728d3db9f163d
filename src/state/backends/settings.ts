/** A server of Terraform's http backend: https://developer.hashicorp.com/terraform/language/backend/http. */
export interface HttpSettings {
  readonly type: "http";
  /** Where the state is read, and written with {@link updateMethod}. */
  readonly address: string;
  /** Where it is locked; {@link address} by default. */
  readonly lockAddress?: string | undefined;
  /** Where it is unlocked; where it is locked by default. */
  readonly unlockAddress?: string | undefined;
  /** `LOCK` by default. */
  readonly lockMethod?: string | undefined;
  /** `UNLOCK` by default. */
  readonly unlockMethod?: string | undefined;
  /** `POST` by default. */
  readonly updateMethod?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** A database of PostgreSQL. */
export interface PgSettings {
  readonly type: "pg";
  /** `postgres://user:password@host:port/database?sslmode=…`. */
  readonly connection: string;
  /** `cozeform` by default. */
  readonly schema?: string | undefined;
  /** Tells the states of one schema apart: the environment. */
  readonly name: string;
}

/** An object of S3, or of a store that speaks its protocol. */
export interface S3Settings {
  readonly type: "s3";
  /** Another store's address; that of AWS in the region by default. */
  readonly endpoint?: string | undefined;
  readonly bucket: string;
  /** The object of the state. Its lock and journal are objects below this key. */
  readonly key: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Whether the bucket stands in the path instead of the host name; by default where an endpoint is given. */
  readonly pathStyle?: boolean | undefined;
}

/** A place for the state outside this machine. All values are resolved: nothing here names a variable. */
export type BackendSettings = HttpSettings | PgSettings | S3Settings;

/** What a backend works with. */
export interface BackendContext {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Epoch milliseconds, and waiting that ends early when the signal aborts. */
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Ends reading and locking. What a run under the lock still has to write is written. */
  readonly signal?: AbortSignal | undefined;
  /** Called once for a request that has had no answer for ten seconds. */
  readonly onSilence?: ((place: string) => void) | undefined;
  /** The environment for the command line that unlocks, where it isn't that of the user's own call. */
  readonly environment?: string | undefined;
}
