// Supabase Lite, configured from supabase/config.toml: it serves /rest/v1, /auth/v1 and /storage/v1.
import { App, type EmailDriver, setExperimental } from "@supabase/lite";
import type { StackConfig } from "./config.ts";
import type { Engine } from "./engine.ts";
import type { Keys } from "./keys.ts";
import { watchDatabaseErrors } from "./rest-errors.ts";
import type { StorageAdapter } from "./storage-files.ts";
import { verifyToken } from "./tokens.ts";

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface LiteOptions {
  engine: Engine;
  config: StackConfig;
  keys: Keys;
  url: string;
  storage: StorageAdapter;
  onMail: (mail: Mail) => void;
}

/** What lite's server hands to a middleware (hono's context, as far as it is used here). */
interface Context {
  req: { path: string; header(name: string): string | undefined };
  set(name: string, value: unknown): void;
}

export function createLite(options: LiteOptions): App {
  const { engine, config, keys } = options;
  setExperimental("storage", true);

  // Lite would look the user and the session up in the database for each request. PostgREST does
  // not: it trusts a genuine token until it expires.
  const trustToken = async (context: Context, next: () => Promise<void>) => {
    const token = /^Bearer (.+)$/.exec(context.req.header("Authorization") ?? "")?.[1];
    const claims = token && context.req.path.startsWith("/rest/v1/")
      ? verifyToken(token, keys.jwtSecret)
      : undefined;
    if (claims?.sub) {
      context.set("userId", claims.sub);
      context.set("sessionId", claims.session_id ?? "none");
      context.set("jwt", claims);
    }
    await next();
  };

  const email: EmailDriver = {
    send: (mail) => {
      options.onMail({ to: mail.to, subject: mail.subject, text: mail.text ?? mail.html ?? "" });
      return Promise.resolve();
    },
  };

  const app = new App({
    connection: engine.connection,
    api: {
      enabled: true,
      schemas: config.schemas,
      max_rows: config.maxRows,
      // Callers without a token have their API key; a token that is none must not pass as none.
      anonymous_enabled: false,
      external_url: options.url,
    },
    auth: {
      enabled: true,
      jwt_secret: keys.jwtSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      jwt_expiry: config.auth.jwtExpiry,
      // Lite makes the links in its mails from this; hosted Auth uses its own address for them.
      site_url: options.url,
      additional_redirect_urls: [config.auth.siteUrl, ...config.auth.redirectUrls],
      enable_signup: config.auth.enableSignup,
      enable_refresh_token_rotation: config.auth.refreshTokenRotation,
      minimum_password_length: config.auth.minimumPasswordLength,
      email: {
        enable_confirmations: config.auth.enableConfirmations,
        otp_expiry: config.auth.otpExpiry,
      },
    },
    storage: { enabled: true, file_size_limit: config.storageLimit },
    db: { migrations: { enabled: true } },
    studio: { enabled: false },
    options: {
      drivers: { email },
      server: { disableStudio: true, middlewares: [trustToken] as never },
    },
  } as never) as App;
  app._storageAdapter = options.storage;
  watchDatabaseErrors(engine.connection);
  initQuietly(app);
  return app;
}

/** Lite warns at its first start that storage is experimental: the tests cover what is used of it. */
function initQuietly(app: App): void {
  const init = app.init.bind(app);
  app.init = async () => {
    const { warn } = console;
    console.warn = () => {};
    try {
      return await init();
    } finally {
      console.warn = warn;
    }
  };
}
