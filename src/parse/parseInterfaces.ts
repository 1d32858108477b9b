import type { NetworkInterface } from '../model/NodeFacts.ts';
import { isRecord } from '../text/isRecord.ts';
import { listIn, objectIn, readJson, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** `ip -j address`, or the text of `ip address`. */
export function parseInterfaces(text: string): Parsed<readonly NetworkInterface[]> {
  return text.trimStart().startsWith('[') ? fromJson(text) : fromText(text);
}

function fromJson(text: string): Parsed<readonly NetworkInterface[]> {
  const json = readJson(text);
  if (!json.ok) return json;
  return parsed(
    listIn(json.value)
      .filter(isRecord)
      // Where a filter left an interface out, ip prints an empty object.
      .filter(({ ifname }) => typeof ifname === 'string')
      .map(({ ifname, flags, mtu, addr_info: addresses }) => ({
        name: textIn(ifname),
        up: listIn(flags).includes('UP'),
        mtu: typeof mtu === 'number' ? mtu : undefined,
        addresses: listIn(addresses)
          .map((address) => textIn(objectIn(address)['local']))
          .filter((address) => address !== ''),
      })),
  );
}

function fromText(text: string): Parsed<readonly NetworkInterface[]> {
  const interfaces: { name: string; up: boolean; mtu: number | undefined; addresses: string[] }[] = [];
  for (const line of linesOf(text)) {
    // `2: eth0@if29: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 …`
    const [, name, flags = '', mtu] = /^\d+: ([^:@\s]+)(?:@[^:\s]*)?: <([^>]*)>(?: mtu (\d{1,6}))?/.exec(line) ?? [];
    if (name !== undefined) {
      const up = flags.split(',').includes('UP');
      interfaces.push({ name, up, mtu: mtu === undefined ? undefined : Number(mtu), addresses: [] });
    }
    const address = /^\s+inet6? ([0-9a-fA-F.:]+)/.exec(line)?.[1];
    if (address !== undefined) interfaces.at(-1)?.addresses.push(address);
  }
  // Every network namespace has at least its loopback.
  return interfaces.length > 0 ? parsed(interfaces) : unparsed(`no interface: ${excerptOf(text)}`);
}
