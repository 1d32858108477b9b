import { basename, dirname } from 'node:path';
import { answersOf } from '../../knowledge/nodeCommands.ts';
import { missing, type Missing, valueOf } from '../../model/Fact.ts';
import { isClusterOwnedPod } from '../../model/clusterOwned.ts';
import type { Pod } from '../../model/kubernetes.ts';
import {
  documentNames,
  type AnswerName,
  type Origin,
  type RawAnswer,
  type RawDocuments,
  type RawNode,
} from '../../model/raw.ts';
import { DocumentReader } from '../../parse/DocumentReader.ts';
import { isFailedCall } from '../../parse/parseFailedCalls.ts';
import { agentNamespaceByPods, agentPodsIn } from '../../parse/findCilium.ts';
import { visibleName } from '../../text/visible.ts';
import type { CollectPlan, CollectProgress, RawSink, RawSource } from '../RawSource.ts';
import { whyLeft } from '../runEnd.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import type { ByteBudget } from './ByteBudget.ts';
import { TarFiles } from './TarFiles.ts';
import { failedCollections } from './failedCollections.ts';
import type { Bugtool, Layout } from './findLayout.ts';
import { hostnameIn, indexBugtool, readBugtool, type BugtoolIndex } from './readBugtool.ts';
import { readSysdumpDocuments } from './readSysdumpDocuments.ts';

/** One node that the archive knows of: what bugtool collected there, or why that is not there. */
type NodeInArchive = { readonly name: string } & (
  | { readonly bugtool: Bugtool; readonly why?: never }
  | { readonly bugtool: undefined; readonly why: Missing }
);

/**
 * A `cilium sysdump` (zip, tar or folder), or what one cilium-bugtool collected. Nodes are read one after the other.
 */
export class SysdumpSource implements RawSource {
  readonly origin: Origin;
  readonly takenAt: string;
  readonly reader = new DocumentReader();
  readonly #file: string;
  readonly #files: ArchiveFiles;
  readonly #layout: Layout;
  readonly #budget: ByteBudget;

  /** `modified` (RFC 3339) stands for the time of collection where the files do not bear it. */
  constructor(file: string, files: ArchiveFiles, layout: Layout, budget: ByteBudget, modified: string) {
    this.#file = file;
    this.#files = files;
    this.#layout = layout;
    this.#budget = budget;
    this.origin = { kind: 'sysdump', file };
    this.takenAt = (layout.kind === 'sysdump' ? toRfc3339(layout.timestamp) : undefined) ?? modified;
  }

  async read(plan: CollectPlan, sink: RawSink, progress: CollectProgress): Promise<void> {
    const { documents, pods } = await this.#readDocuments(plan);
    await sink.documents(documents);
    const failures =
      this.#layout.kind === 'sysdump'
        ? await failedCollections(this.#files, this.#layout.root)
        : new Map<string, Missing>();
    const nodes = (await this.#findNodes(pods, failures)).filter(
      ({ name }) => plan.nodes === undefined || plan.nodes.has(name),
    );
    progress.nodes(nodes.length);
    for (const node of nodes) {
      progress.nodeStarted(node.name);
      await sink.node(await this.#readNode(node, plan, pods));
      progress.nodeDone(node.name);
    }
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  async #readDocuments(plan: CollectPlan): Promise<{ documents: RawDocuments; pods: readonly Pod[] | undefined }> {
    if (this.#layout.kind === 'bugtool') {
      const none = missing('notCollected', 'the archive of one cilium-bugtool holds no objects of the API');
      return {
        documents: Object.fromEntries(documentNames.map((name) => [name, none])) as RawDocuments,
        pods: undefined,
      };
    }
    // Which pod ran where is needed whatever the checks ask for.
    const read = await readSysdumpDocuments(this.#files, this.#layout.root, new Set([...plan.documents, 'systemPods']));
    const pods = valueOf(this.reader.read(read).systemPods);
    return { documents: plan.documents.has('systemPods') ? read : { ...read, systemPods: notAsked }, pods };
  }

  /** By the agents' pods; where the archive has no list of pods, by the names that the nodes go by themselves. */
  async #findNodes(pods: readonly Pod[] | undefined, failures: ReadonlyMap<string, Missing>): Promise<NodeInArchive[]> {
    if (this.#layout.kind === 'bugtool') {
      const bugtool: Bugtool = { pod: '', cmd: this.#layout.cmd };
      return [{ name: (await this.#nodeNameIn(bugtool)) ?? folderName(this.#file, this.#layout.cmd), bugtool }];
    }
    const byPod = new Map(this.#layout.bugtools.map((bugtool) => [bugtool.pod, bugtool]));
    const nodes = new Map<string, NodeInArchive>();
    for (const pod of agentsAmong(pods ?? [])) {
      const name = pod.spec?.nodeName;
      if (name === undefined) continue;
      const bugtool = byPod.get(pod.metadata.name);
      byPod.delete(pod.metadata.name);
      if (bugtool !== undefined) nodes.set(name, { name, bugtool });
      else if (!nodes.has(name))
        nodes.set(name, { name, bugtool: undefined, why: failures.get(pod.metadata.name) ?? noBugtool(pod) });
    }
    for (const bugtool of byPod.values()) {
      // A pod that was replaced while the archive was made, or there is no list of pods.
      const name = await this.#nodeNameIn(bugtool);
      const isKnown = name !== undefined && nodes.get(name)?.bugtool !== undefined;
      if (!isKnown && (name !== undefined || pods === undefined))
        nodes.set(name ?? bugtool.pod, { name: name ?? bugtool.pod, bugtool });
    }
    return [...nodes.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  }

  async #nodeNameIn(bugtool: Bugtool): Promise<string | undefined> {
    const opened = await this.#openBugtool(bugtool);
    return 'why' in opened ? undefined : hostnameIn(opened.files, opened.index);
  }

  async #readNode(node: NodeInArchive, plan: CollectPlan, pods: readonly Pod[] | undefined): Promise<RawNode> {
    // As with a live cluster: a node without kube-proxy has no answers of kube-proxy, not even missing ones.
    const hasKubeProxy = pods === undefined || this.#nodesWithKubeProxy(pods).has(node.name);
    const wanted = new Set([...plan.answers].filter((name) => hasKubeProxy || !ofKubeProxy.has(name)));
    // It stands in the archive: that must not be said to hold nothing of it.
    if (plan.signal?.aborted) return { name: node.name, answers: allMissing(wanted, whyLeft(plan.signal)) };
    const opened = node.bugtool === undefined ? { why: node.why } : await this.#openBugtool(node.bugtool);
    if ('why' in opened) return { name: node.name, answers: allMissing(wanted, opened.why) };
    const answers = await readBugtool(opened.files, opened.index, wanted);
    const log = wanted.has('agentLog') ? await this.#readLog(node.bugtool?.pod) : undefined;
    return { name: node.name, answers: log === undefined ? answers : { ...answers, agentLog: log } };
  }

  /** Of the log of an agent's container what tells of failed calls, and its last line, which tells until when. */
  async #readLog(pod = ''): Promise<RawAnswer | undefined> {
    const name = this.#files.names.find((one) => isLogOf(one.slice(one.lastIndexOf('/') + 1), pod));
    if (name === undefined) return undefined;
    const command = this.#files.shown(name);
    const content = (await this.#files.read(new Set([name]))).get(name);
    if (content === undefined) return undefined;
    if (!content.ok) return { ...content.why, command };
    const lines = content.value
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    const kept = [...lines.filter(isFailedCall).slice(-maxLogLines), ...lines.slice(-1)];
    return { text: kept.join('\n'), stderr: '', exitCode: 0, command };
  }

  async #openBugtool(bugtool: Bugtool): Promise<{ files: ArchiveFiles; index: BugtoolIndex } | { why: Missing }> {
    if (bugtool.packed === undefined) return { files: this.#files, index: this.#indexOf(bugtool.cmd) };
    const content = (await this.#files.read(new Set([bugtool.packed]))).get(bugtool.packed);
    if (content === undefined || !content.ok)
      return { why: content?.why ?? missing('notCollected', `the archive has no ${bugtool.packed}`) };
    const bytes = content.value;
    const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const input = { file: `${this.#file}: ${bugtool.packed}`, bytes, gzip, shownBy: this.#files.shown(bugtool.packed) };
    const files = await TarFiles.open(input, this.#budget.inside(input.file));
    const cmd = files.names.map((name) => /^(.*\/)?cmd\//.exec(name)?.[0]).find((found) => found !== undefined);
    if (cmd === undefined)
      return { why: missing('notCollected', `${visibleName(bugtool.packed)} holds no folder cmd`) };
    return { files, index: indexBugtool(files.names, cmd) };
  }

  #withKubeProxy: ReadonlySet<string | undefined> | undefined;

  #nodesWithKubeProxy(pods: readonly Pod[]): ReadonlySet<string | undefined> {
    this.#withKubeProxy ??= new Set(pods.filter(isKubeProxy).map(({ spec }) => spec?.nodeName));
    return this.#withKubeProxy;
  }

  #namesByFolder: ReadonlyMap<string, readonly string[]> | undefined;

  #indexOf(cmd: string): BugtoolIndex {
    // One pass over the names for all nodes, not one for each.
    this.#namesByFolder ??= Map.groupBy(this.#files.names, (name) => name.slice(0, name.lastIndexOf('/') + 1));
    return indexBugtool(this.#namesByFolder.get(cmd) ?? [], cmd);
  }
}

/** More than that tell nothing new. */
const maxLogLines = 200;

/** `logs-cilium-x7k2p-cilium-agent-20240531-104413.log` (sysdump/constants.go). */
const isLogOf = (file: string, pod: string): boolean =>
  pod !== '' && file.startsWith(`logs-${pod}-cilium-agent-`) && /-\d{8}-\d{6}\.log$/.test(file);

const ofKubeProxy: ReadonlySet<AnswerName> = new Set(answersOf.proxyRules);

function agentsAmong(pods: readonly Pod[]): readonly Pod[] {
  const namespace = agentNamespaceByPods(pods);
  return namespace === undefined ? [] : agentPodsIn(namespace, pods, undefined);
}

const isKubeProxy = (pod: Pod): boolean =>
  isClusterOwnedPod(pod) && (pod.spec?.containers ?? []).some(({ name }) => name === 'kube-proxy');

const noBugtool = (pod: Pod): Missing =>
  missing('notCollected', `the archive has no folder cilium-bugtool-${visibleName(pod.metadata.name)}-*`);

const allMissing = (names: ReadonlySet<AnswerName>, why: Missing): RawNode['answers'] =>
  Object.fromEntries([...names].map((name): [AnswerName, RawAnswer] => [name, why]));

/** For a folder without the node's name: its own, e.g. `cilium-bugtool-20240531-104413.12+0000-UTC-123`. */
function folderName(file: string, cmd: string): string {
  const inside = basename(dirname(cmd === '' ? '.' : cmd));
  return nodeNameFrom(inside === '.' || inside === '' ? basename(file).replace(/\.(tar\.gz|tgz|tar)$/, '') : inside);
}

/** A folder may have any name, a node a DNS name. */
function nodeNameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .slice(0, 253)
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/-?\.[-.]*/g, '.')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  return name === '' ? 'node' : name;
}

/** The collector's clock, of which the zone is not known: taken as UTC. */
function toRfc3339(timestamp: string | undefined): string | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})$/.exec(timestamp ?? '');
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}

const notAsked: Missing = missing('notCollected', 'no check of this run needs it');
