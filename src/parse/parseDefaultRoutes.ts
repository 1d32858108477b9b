import type { DefaultRoute } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** What the kernel takes for a route of IPv6 that was made without one (linux: IP6_RT_PRIO_USER); of IPv4 it is 0. */
const metricOfNone = { ipv4: 0, ipv6: 1024 } as const;

/**
 * `ip -4 route show default`: `default via 10.0.0.1 dev eth0 proto dhcp metric 100`; of a route over several ways the
 * ways stand below it, `nexthop via 10.0.0.1 dev eth0 weight 1`. A route that leads nowhere (`unreachable default`) is
 * none.
 */
export const parseDefaultRoutes =
  (family: DefaultRoute['family']) =>
  (text: string): Parsed<readonly DefaultRoute[]> => {
    const routes: DefaultRoute[] = [];
    let metric: number = metricOfNone[family];
    for (const line of linesOf(text)) {
      if (line.trim() === '' || /^(?:unreachable|blackhole|prohibit|throw) default\b/.test(line)) continue;
      const isWay = /^\s+nexthop\s/.test(line);
      if (!isWay && !/^default(?:\s|$)/.test(line)) return unparsed(`a line of ip route: ${excerptOf(line)}`);
      if (!isWay) metric = Number(/ metric (\d{1,10})\b/.exec(line)?.[1] ?? metricOfNone[family]);
      const device = / dev (\S+)/.exec(line)?.[1];
      if (device === undefined) continue;
      routes.push({ family, gateway: / via (?:inet6? )?(\S+)/.exec(line)?.[1], device, metric });
    }
    return parsed(routes);
  };

/** Of what `ip route` prints the default routes, with the further ways of each, which stand below it. */
export function defaultRoutesIn(text: string): string {
  let isDefault = false;
  const lines = text.split('\n').filter((line) => {
    if (!/^\s/.test(line)) isDefault = /^default\s/.test(line);
    return isDefault;
  });
  return lines.map((line) => `${line}\n`).join('');
}
