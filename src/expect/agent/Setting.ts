/** Who decided the value of a setting. Whoever wants it changed has to change it there. */
export type SettingOrigin =
  /** Nobody: the agent's own default. */
  | { readonly kind: 'default' }
  /** The ConfigMap `cilium-config`. */
  | { readonly kind: 'configMap' }
  /** The strongest CiliumNodeConfig that sets it. */
  | { readonly kind: 'nodeConfig'; readonly namespace: string; readonly name: string }
  /** It was set when the agent started, and what stands in the API now does not tell by whom. */
  | { readonly kind: 'asStarted' };

export interface Setting<T> {
  readonly value: T;
  /** As it is written there; undefined: nowhere. */
  readonly text: string | undefined;
  readonly origin: SettingOrigin;
}

/** A text that is set, and by whom. */
export interface FoundText {
  readonly text: string;
  readonly origin: SettingOrigin;
}

/** Empty texts are none: the command that reads what an agent started with does not print them. */
export type Lookup = (key: string) => FoundText | undefined;
