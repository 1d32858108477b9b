import type { AgentStatus, FailingController, KprStatus, NodePortStatus, Past } from '../model/NodeFacts.ts';
import { isRecord, type JsonObject } from '../text/isRecord.ts';
import { listIn, numberIn, objectIn, readJson, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { addressOfPool, parseStatusText } from './parseStatusText.ts';
import { versionIn } from './versionIn.ts';

/** `cilium-dbg status -o json`, or the text of `cilium-dbg status --verbose`, which is what a sysdump has. */
export function parseStatus(text: string): Parsed<AgentStatus> {
  return text.trimStart().startsWith('{') ? fromJson(text) : parseStatusText(text);
}

function fromJson(text: string): Parsed<AgentStatus> {
  const json = readJson(text);
  if (!json.ok) return json;
  const root = objectIn(json.value);
  const cilium = root['cilium'];
  if (!isRecord(cilium)) return unparsed('no member "cilium"');
  const kubernetes = objectIn(root['kubernetes']);
  const masquerading = objectIn(root['masquerading']);
  const routing = objectIn(root['routing']);
  const message = textIn(cilium['msg']);
  return parsed({
    // With the name of its cluster before it, where that has one: `east/n1`.
    node: textIn(objectIn(root['cluster'])['self']).split('/').at(-1) || undefined,
    version: versionIn(message),
    state: textIn(cilium['state']),
    message,
    kubernetes: { state: textIn(kubernetes['state']), message: textIn(kubernetes['msg']) },
    kpr: isRecord(root['kube-proxy-replacement']) ? kprOf(root['kube-proxy-replacement']) : undefined,
    masquerading: { enabled: masquerading['enabled'] === true, mode: textIn(masquerading['mode']) },
    routing: {
      interHost: textIn(routing['inter-host-routing-mode']),
      // `host-routing` until 1.12.
      intraHost: textIn(routing['intra-host-routing-mode']) || textIn(objectIn(root['host-routing'])['mode']),
      tunnelProtocol: textIn(routing['tunnel-protocol']),
    },
    allocated: allocatedIn(objectIn(root['ipam'])['allocations']),
    failingControllers: listIn(root['controllers']).flatMap(failing),
    heartbeat: listIn(root['controllers']).map(objectIn).flatMap(heartbeatIn)[0],
    stale: new Map(Object.entries(objectIn(root['stale'])).map(([probe, since]) => [probe, textIn(since)])),
  });
}

/** What is off is an absent key (api/v1/models/kube_proxy_replacement.go: omitempty). */
function kprOf(kpr: JsonObject): KprStatus {
  const features = objectIn(kpr['features']);
  const isOn = (feature: string): boolean => objectIn(features[feature])['enabled'] === true;
  const annotations = features['annotations'];
  return {
    mode: textIn(kpr['mode']),
    devices: listIn(kpr['deviceList'])
      .filter(isRecord)
      .map(({ name, ip }) => ({
        name: textIn(name),
        // The agent fills the list after having made it as long as it will be: it begins with blanks.
        addresses: listIn(ip).flatMap((address) => textIn(address) || []),
      })),
    directRoutingDevice: textIn(kpr['directRoutingDevice']) || undefined,
    socketLb: isOn('socketLB') || hostReachable(features),
    socketLbHostNamespaceOnly: features['bpfSocketLBHostnsOnly'] === true,
    nodePort: isOn('nodePort') ? nodePortOf(objectIn(features['nodePort'])) : undefined,
    externalIPs: isOn('externalIPs'),
    hostPort: isOn('hostPort'),
    sessionAffinity: isOn('sessionAffinity'),
    annotations: Array.isArray(annotations) ? annotations.map(textIn) : undefined,
  };
}

/** By address, after the name of its pool where that is not the default one (cilium: pkg/ipam/allocator.go, Dump). */
const allocatedIn = (allocations: unknown): ReadonlySet<string> | undefined =>
  isRecord(allocations) ? new Set(Object.keys(allocations).flatMap(addressOfPool)) : undefined;

/** What socket LB was called until 1.11. */
function hostReachable(features: JsonObject): boolean {
  const { enabled, protocols } = objectIn(features['hostReachableServices']);
  return enabled === true || listIn(protocols).length > 0;
}

const nodePortOf = (nodePort: JsonObject): NodePortStatus => ({
  mode: textIn(nodePort['mode']),
  algorithm: textIn(nodePort['algorithm']),
  maglevTableSize: numberIn(nodePort['lutSize']),
  acceleration: textIn(nodePort['acceleration']),
  dsrDispatch: textIn(nodePort['dsrMode']) || undefined,
  portMin: numberIn(nodePort['portMin']) ?? 0,
  portMax: numberIn(nodePort['portMax']) ?? 0,
});

function failing(controller: unknown): FailingController[] {
  const { name, status } = objectIn(controller);
  const { 'consecutive-failure-count': count, 'last-failure-msg': message } = objectIn(status);
  if (typeof count !== 'number' || count <= 0) return [];
  const lastFailure = textIn(message);
  return [{ name: textIn(name), consecutiveFailures: count, lastFailure, lastSuccess: successOf(objectIn(status)) }];
}

const heartbeatIn = ({ name, status }: JsonObject): Past | [] =>
  name === 'k8s-heartbeat' ? (successOf(objectIn(status)) ?? []) : [];

/** What never was is the first day of Go's calendar. */
function successOf({ 'last-success-timestamp': time }: JsonObject): Past | undefined {
  const at = textIn(time);
  return at === '' || at.startsWith('0001-') ? undefined : { at };
}
