import type { ExecConfig } from './Kubeconfig.ts';

/**
 * Where to connect and as whom: a context of a kubeconfig with the flags laid over it. Files are read, defaults filled
 * in.
 */
export interface Connection {
  readonly contextName: string;
  readonly namespace: string;
  /** With scheme, without a slash at its end; may have a path (Rancher). */
  readonly server: string;
  readonly tls: {
    /** PEM. Undefined: the authorities of Node and of the operating system. */
    readonly ca: string | undefined;
    /** The name to verify the server's certificate against, if not the one in `server`. */
    readonly serverName: string | undefined;
    readonly insecure: boolean;
  };
  /** Whether the server may compress its answers. */
  readonly compress: boolean;
  /** Of the kubeconfig; it goes before HTTPS_PROXY and ignores NO_PROXY, as in kubectl. */
  readonly proxyUrl: string | undefined;
  /** PEM. */
  readonly clientCertificate: { readonly cert: string; readonly key: string } | undefined;
  readonly identity: Identity;
  readonly impersonate: Impersonation;
}

/** How a request says who asks; client certificates come on top. */
export type Identity =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  /** `fallback` is sent when the file cannot be read. */
  | { readonly kind: 'tokenFile'; readonly file: string; readonly fallback: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** `cluster` is what the plugin is told of the cluster, if it asks. */
  | { readonly kind: 'exec'; readonly exec: ExecConfig; readonly cluster: unknown }
  | { readonly kind: 'authProvider'; readonly name: string; readonly config: Readonly<Record<string, string>> };

export interface Impersonation {
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}
