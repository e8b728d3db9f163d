// Made from the kinds by npm run generate: change those, and run it again.
import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { CozeProviderBase, exposeProvider } from "../runtime/constructs.ts";

/** Configuration of {@link CozeProvider}. */
export interface CozeProviderConfig {
  /** Where the API is; `https://api.coze.com` for the international site. Default `https://api.coze.cn`. The environment variable `COZE_API_BASE` stands in for it. */
  readonly endpoint?: string | undefined;
  /** A personal or service access token. The environment variable `COZE_API_TOKEN` stands in for it. */
  readonly token?: string | undefined;
  /** How fast cozeform calls the API at most; 5 requests a second without it. */
  readonly requestsPerSecond?: number | undefined;
  /** How many API calls one process of the provider may make, retries included; Terraform starts one for each step of a run, such as reading and applying. The next apply goes on where one stopped. */
  readonly maxCalls?: number | undefined;
  /** Whether members may be removed or get another role: what they own in the workspace then goes to its owner, for good. Default `false`. */
  readonly allowOwnershipTransfer?: boolean | IResolvable | undefined;
  /** What happens when something that is to be created is in Coze already and not in the state, for instance because an earlier run was killed. `warn` creates a second one and warns. `error` creates nothing and says what to import; it is the choice for CI. `adopt` takes it into the state and updates it, if there is exactly one; of a copy that can't be told, so that is an error. Default `warn`. The environment variable `COZEFORM_EXISTING` stands in for it. */
  readonly existing?: string | undefined;
  /** An OAuth app that signs its own tokens, instead of `token`. */
  readonly jwt?: CozeProviderJwt | undefined;
  /** Name of this one, where there are several. */
  readonly alias?: string | undefined;
}

/** An OAuth app that signs its own tokens, instead of `token`. */
export interface CozeProviderJwt {
  /** The id of the OAuth app. The environment variable `COZE_JWT_OAUTH_CLIENT_ID` stands in for it. */
  readonly appId?: string | undefined;
  /** The fingerprint of the public key. The environment variable `COZE_JWT_OAUTH_PUBLIC_KEY_ID` stands in for it. */
  readonly keyId?: string | undefined;
  /** The private key in PEM form: `file("private_key.pem")`. The environment variable `COZE_JWT_OAUTH_PRIVATE_KEY` stands in for it. */
  readonly privateKey?: string | undefined;
  /** How long a token is good; cozeform fetches another one before it ends. Default `900`. */
  readonly durationSeconds?: number | undefined;
  /** Told to Coze with each token, to tell sessions apart. */
  readonly sessionName?: string | undefined;
  /** Sign in for this organization; on personal plans for the user of this id, who owns the workspace. */
  readonly organizationId?: string | undefined;
  /** The app is an enterprise privileged app; sign in for this enterprise. */
  readonly enterpriseId?: string | undefined;
}

export interface CozeProvider {
  /** Where the API is; `https://api.coze.com` for the international site. Default `https://api.coze.cn`. The environment variable `COZE_API_BASE` stands in for it. */
  get endpoint(): string | undefined;
  set endpoint(value: string | undefined);
  resetEndpoint(): void;
  readonly endpointInput: string | undefined;
  /** A personal or service access token. The environment variable `COZE_API_TOKEN` stands in for it. */
  get token(): string | undefined;
  set token(value: string | undefined);
  resetToken(): void;
  readonly tokenInput: string | undefined;
  /** How fast cozeform calls the API at most; 5 requests a second without it. */
  get requestsPerSecond(): number | undefined;
  set requestsPerSecond(value: number | undefined);
  resetRequestsPerSecond(): void;
  readonly requestsPerSecondInput: number | undefined;
  /** How many API calls one process of the provider may make, retries included; Terraform starts one for each step of a run, such as reading and applying. The next apply goes on where one stopped. */
  get maxCalls(): number | undefined;
  set maxCalls(value: number | undefined);
  resetMaxCalls(): void;
  readonly maxCallsInput: number | undefined;
  /** Whether members may be removed or get another role: what they own in the workspace then goes to its owner, for good. Default `false`. */
  get allowOwnershipTransfer(): boolean | IResolvable | undefined;
  set allowOwnershipTransfer(value: boolean | IResolvable | undefined);
  resetAllowOwnershipTransfer(): void;
  readonly allowOwnershipTransferInput: boolean | IResolvable | undefined;
  /** What happens when something that is to be created is in Coze already and not in the state, for instance because an earlier run was killed. `warn` creates a second one and warns. `error` creates nothing and says what to import; it is the choice for CI. `adopt` takes it into the state and updates it, if there is exactly one; of a copy that can't be told, so that is an error. Default `warn`. The environment variable `COZEFORM_EXISTING` stands in for it. */
  get existing(): string | undefined;
  set existing(value: string | undefined);
  resetExisting(): void;
  readonly existingInput: string | undefined;
  /** An OAuth app that signs its own tokens, instead of `token`. */
  get jwt(): CozeProviderJwt | undefined;
  set jwt(value: CozeProviderJwt | undefined);
  resetJwt(): void;
  readonly jwtInput: CozeProviderJwt | undefined;
}

/** Manages agents, knowledge and workspaces of Coze (扣子). */
export class CozeProvider extends CozeProviderBase {
  static override readonly tfResourceType = "coze";

  constructor(scope: Construct, id: string, config: CozeProviderConfig = {}) {
    super(scope, id, config);
  }
}

exposeProvider(CozeProvider);
