import type { DevicePrograms } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * What programs/agent/devicePrograms.pl prints: `eth0 ingress cil_from_netdev` for each program, `lo` for a device
 * without any, and at the end `devices 5`, by which it tells that it is whole.
 */
export function parseDevicePrograms(text: string): Parsed<readonly DevicePrograms[]> {
  const lines = linesOf(text).filter((line) => line !== '');
  const total = /^devices (\d{1,3})$/.exec(lines.pop() ?? '')?.[1];
  if (total === undefined) return unparsed('the number of devices is missing at the end');
  const devices = new Map<string, DevicePrograms['programs'][number][]>();
  for (const line of lines) {
    const [, device, hook, name] = /^(\S{1,15})(?: (ingress|egress|xdp) (\S{1,20}))?$/.exec(line) ?? [];
    if (device === undefined) return unparsed(`a line that names no device: ${excerptOf(line)}`);
    const programs = devices.get(device) ?? [];
    devices.set(device, programs);
    if (isHook(hook) && name !== undefined) programs.push({ hook, name });
  }
  if (devices.size !== Number(total)) return unparsed(`it names ${devices.size} of ${total} devices`);
  return parsed([...devices].map(([device, programs]) => ({ device, programs })));
}

const isHook = (text: string | undefined): text is DevicePrograms['programs'][number]['hook'] =>
  text === 'ingress' || text === 'egress' || text === 'xdp';
