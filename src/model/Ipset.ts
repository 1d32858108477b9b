/** A set of `ipset save`. */
export interface Ipset {
  readonly name: string;
  /** `hash:ip,port`, `bitmap:port`, … */
  readonly type: string;
  /** What stands behind the type, as printed: `family inet hashsize 1024 …`. */
  readonly options: string;
  readonly members: readonly IpsetMember[];
}

export interface IpsetMember {
  /** `10.96.0.1,tcp:443` */
  readonly element: string;
  /** What stands behind it, as printed: `timeout 299`, `comment "…"`. */
  readonly options: string;
}
