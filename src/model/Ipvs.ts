/** The kernel's table of virtual servers, in its order. */
export interface IpvsTable {
  /** What the first line of /proc/net/ip_vs says; undefined: it had none, as the output of ipvsadm. */
  readonly header: { readonly version: string; readonly size: number } | undefined;
  readonly services: readonly IpvsService[];
}

export interface IpvsService {
  readonly at: IpvsFrontend;
  /** `rr`, `lc`, …; `none`. */
  readonly scheduler: string;
  /** Each datagram of UDP by itself. */
  readonly onePacket: boolean;
  readonly persistence: IpvsPersistence | undefined;
  /** Options that ipvsadm prints beside these, in its order and spelling: `--pe sip`, `-b flag-1`. */
  readonly others: string;
  readonly realServers: readonly RealServer[];
}

export type IpvsFrontend =
  | {
      readonly kind: 'address';
      /** `TCP`, `UDP`, `SCTP`; `ICMP` and others that the kernel knows. */
      readonly protocol: string;
      readonly address: string;
      readonly port: number;
    }
  /** By a mark of netfilter, whatever the address. Never kube-proxy's. */
  | { readonly kind: 'mark'; readonly mark: number; readonly family: 'ipv4' | 'ipv6' | undefined };

export interface IpvsPersistence {
  readonly timeout: number;
  /**
   * /proc/net/ip_vs prints the kernel's ticks, of which a second has 100, 250, 300 or 1000 as the kernel was built
   * (linux: net/netfilter/ipvs/ip_vs_ctl.c, `svc->timeout = u->timeout * HZ`).
   */
  readonly unit: 'ticks' | 'seconds';
  /** As printed; undefined: none was, so that each client is one by itself. */
  readonly mask: string | undefined;
}

export interface RealServer {
  readonly address: string;
  readonly port: number;
  /** As printed: `Masq`, `Local`, `Tunnel`, `Route` by the kernel, `-m`, `-i`, `-g` by ipvsadm. */
  readonly forward: string;
  /** 0: takes no new connections. */
  readonly weight: number;
  /** undefined: ipvsadm does not save them. */
  readonly connections: { readonly active: number; readonly inactive: number } | undefined;
  /** What ipvsadm prints behind the weight: `--tun-type gue …`. */
  readonly others: string;
}
