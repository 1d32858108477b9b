/** UDP connections that netfilter translates to another destination, as the node's connection tracking holds them. */
export interface UdpTranslations {
  readonly entries: readonly UdpTranslation[];
  /** How many more there were than were read. */
  readonly left: number;
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
