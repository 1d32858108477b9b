/** The parts of a kubeconfig that this program uses. Paths in it are absolute or relative to the working directory. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
  /** Empty when no file names one. */
  readonly currentContext: string;
}

export interface KubeconfigCluster {
  readonly server: string;
  readonly certificateAuthority: string;
  /** Base64 of PEM. */
  readonly certificateAuthorityData: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName: string;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** What the cluster hands to an exec plugin (extension `client.authentication.k8s.io/exec`). */
  readonly execConfig: unknown;
}

export interface KubeconfigUser {
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly clientCertificate: string;
  /** Base64 of PEM, like `clientKeyData`. */
  readonly clientCertificateData: string;
  readonly clientKey: string;
  readonly clientKeyData: string;
  readonly as: string;
  readonly asUid: string;
  readonly asGroups: readonly string[];
  readonly asUserExtra: Readonly<Record<string, readonly string[]>>;
  readonly exec: ExecConfig | undefined;
  readonly authProvider: { readonly name: string; readonly config: Readonly<Record<string, string>> } | undefined;
}

/** A credential plugin: a program that prints a token or a certificate. */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
}

/** A cluster and a user of which nothing is said. */
export const noCluster: KubeconfigCluster = {
  server: '',
  certificateAuthority: '',
  certificateAuthorityData: '',
  insecureSkipTlsVerify: false,
  tlsServerName: '',
  proxyUrl: '',
  disableCompression: false,
  execConfig: undefined,
};

export const noUser: KubeconfigUser = {
  token: '',
  tokenFile: '',
  username: '',
  password: '',
  clientCertificate: '',
  clientCertificateData: '',
  clientKey: '',
  clientKeyData: '',
  as: '',
  asUid: '',
  asGroups: [],
  asUserExtra: {},
  exec: undefined,
  authProvider: undefined,
};
