import type { Listener } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * TCP listeners of `ss -Hltnp`, or of `ss` with headings, further states and UDP, also without processes. Zones (`%lo`)
 * are left out. A node on which nobody listens has neither kubelet nor agent: where nothing was printed, nothing was
 * seen.
 */
export function parseListeners(text: string): Parsed<readonly Listener[]> {
  if (text.trim() === '') return unparsed('nothing was printed');
  const listeners: Listener[] = [];
  for (const line of linesOf(text)) {
    if (line.trim() === '' || /^(?:Netid|State)\s/.test(line)) continue;
    const [, netid, state, local = ''] = /^\s*(?:(tcp|udp)\s+)?([A-Z][A-Z0-9-]*)\s+\d+\s+\d+\s+(\S+)/.exec(line) ?? [];
    if (state === undefined) return unparsed(`a line of ss: ${excerptOf(line)}`);
    if (netid === 'udp' || state !== 'LISTEN') continue;
    const [, host = '', port = ''] = /^(\S+):(\d{1,5})$/.exec(local) ?? [];
    if (host === '') return unparsed(`a local address of ss: ${excerptOf(local)}`);
    const address = host.replace(/%[^\]]*/, '').replace(/^\[([^\]]*)\]$/, '$1');
    const isAgent = /\busers:\(.*\("cilium-agent",/.test(line);
    listeners.push({ address, port: Number(port), ...(isAgent && { isAgent }) });
  }
  return parsed(listeners);
}
