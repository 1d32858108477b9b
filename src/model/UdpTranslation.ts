/** What netfilter translates to another destination, as the node's connection tracking holds it. */
export interface UdpTranslations {
  readonly entries: readonly UdpTranslation[];
  /** How many more there were than were read. */
  readonly left: number;
  /** Open connections of TCP; undefined: they were not counted (captures of older versions). */
  readonly tcp?: TcpTranslations | undefined;
}

export interface TcpTranslations {
  readonly all: number;
  /** By where clients sent to: the first 500 of these. */
  readonly byDestination: readonly { readonly destination: UdpEnd; readonly connections: number }[];
}

export interface UdpTranslation {
  readonly client: string;
  /** Where the client sends to. */
  readonly destination: UdpEnd;
  /** Where it is sent. */
  readonly backend: UdpEnd;
  /** Whether anything ever came back from there. */
  readonly replied: boolean;
  /** When it is forgotten, unless the client goes on to send. */
  readonly secondsLeft: number;
}

/** Addresses in their canonical spelling. */
export interface UdpEnd {
  readonly address: string;
  readonly port: number;
}
