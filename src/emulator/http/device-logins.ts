import { OAuthRefusal } from "./envelope.ts";
import { openRights, type Rights, type RightsOptions } from "./rights.ts";

/** An OAuth app for devices and command lines, which users sign in to with a code. */
export interface DeviceAppOptions extends RightsOptions {
  /** The client id. */
  readonly app_id: string;
  readonly name?: string | undefined;
  readonly kind: "device";
}

/** What a user consented to. */
interface Consent {
  readonly app_id: string;
  readonly rights: Rights;
  /** Undefined for all workspaces of the user. */
  readonly workspace_id: string | undefined;
}

/** What a device shows its user. */
interface DeviceCode {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  /** Seconds. */
  readonly expires_in: number;
  /** Seconds between two requests for the token. */
  readonly interval: number;
}

/** The logins of devices, and the tokens that renew them. They aren't part of the world's file. */
export interface DeviceLogins {
  /** Begins a login. Throws an {@link OAuthRefusal}, as all do. */
  begin(clientId: string, workspaceId?: string): DeviceCode;
  /** What the user consented to, once only. */
  collect(clientId: string, deviceCode: string, user: UserBehaviour): Consent;
  /** A text that renews a token, once only. */
  keep(consent: Consent): string;
  /** What a text renews. */
  renew(clientId: string | undefined, refreshToken: string): Consent;
}

/** How long a user takes to decide, and what. */
interface UserBehaviour {
  readonly consentMs: number;
  readonly consents: boolean;
}

/** What logins need of the emulator around them. */
interface LoginOptions {
  readonly apps: readonly DeviceAppOptions[];
  readonly now: () => number;
  /** A new text without meaning. */
  readonly newSecret: () => string;
}

interface Login {
  readonly consent: Consent;
  readonly begun_ms: number;
  polled_ms: number | undefined;
}

const lifeSeconds = 300;
const intervalSeconds = 5;
const refreshLifeMs = 30 * 24 * 3600 * 1000;

/** Makes the registry of logins (oauth_device_code). */
export function createDeviceLogins({ apps, now, newSecret }: LoginOptions): DeviceLogins {
  const logins = new Map<string, Login>();
  const renewals = new Map<string, { readonly consent: Consent; readonly until_ms: number }>();
  const known = new Map(apps.map((app) => [app.app_id, openRights(app)]));
  // Without an app of this kind any client id will do.
  const rightsOf = (clientId: string) => (apps.length === 0 ? openRights({}) : known.get(clientId));
  return {
    begin(clientId, workspaceId) {
      const rights = rightsOf(clientId);
      if (!rights) throw new OAuthRefusal("invalid_client", "invalid client");
      const device_code = newSecret();
      const consent = { app_id: clientId, rights, workspace_id: workspaceId };
      logins.set(device_code, { consent, begun_ms: now(), polled_ms: undefined });
      const user_code = `${device_code.slice(0, 4)}-${device_code.slice(4, 8)}`.toUpperCase();
      const verification_uri = "https://www.coze.cn/oauth/device";
      return { device_code, user_code, verification_uri, expires_in: lifeSeconds, interval: intervalSeconds };
    },
    collect(clientId, deviceCode, user) {
      const login = logins.get(deviceCode);
      if (login?.consent.app_id !== clientId || now() >= login.begun_ms + lifeSeconds * 1000) {
        throw new OAuthRefusal("expired_token", "the device code has expired");
      }
      const { polled_ms = Number.NEGATIVE_INFINITY } = login;
      login.polled_ms = now();
      if (now() < polled_ms + intervalSeconds * 1000) {
        throw new OAuthRefusal("slow_down", "the requests are too frequent");
      }
      if (now() < login.begun_ms + user.consentMs) {
        throw new OAuthRefusal("authorization_pending", "the user has not decided yet");
      }
      logins.delete(deviceCode);
      if (!user.consents) throw new OAuthRefusal("access_denied", "the user has refused");
      return login.consent;
    },
    keep(consent) {
      const text = newSecret();
      renewals.set(text, { consent, until_ms: now() + refreshLifeMs });
      return text;
    },
    renew(clientId, refreshToken) {
      const kept = renewals.get(refreshToken);
      renewals.delete(refreshToken);
      if (!kept || now() >= kept.until_ms || (clientId !== undefined && clientId !== kept.consent.app_id)) {
        throw new OAuthRefusal("invalid_request", "invalid request: refresh_token");
      }
      return kept.consent;
    },
  };
}
