import type { ClusterOptions, SourceOptions } from '../app/openSource.ts';
import type { SpeechOptions } from '../app/print.ts';
import type { ReadOptions } from '../app/takeSnapshot.ts';
import type { PlanOptions } from '../collect/planFor.ts';
import type { HelmFlags } from '../model/Intent.ts';
import { usageError } from '../core/KprError.ts';
import { type Branch, branches, branchOf, newestBranch, newestRead } from '../knowledge/releases.ts';
import { parseVersion } from '../knowledge/version.ts';
import type { Given } from './Flag.ts';
import type { comparedFlags, connectionFlags, generalFlags, resultFlags, sourceFlags, valuesFlags } from './flags.ts';

// What several commands make of the same flags. Pure; each throws KprError for what makes no sense together.

/** Where --timeout says nothing else. */
const usualRunMs = 60_000;

export function speechOptions({ color, verbose, quiet, debug }: Given<typeof generalFlags>): SpeechOptions {
  if (verbose && quiet) throw usageError('--quiet and --verbose exclude each other');
  return { color, verbosity: verbose ? 'verbose' : quiet ? 'quiet' : 'normal', debug };
}

type Connection = Given<typeof connectionFlags> & Pick<Given<typeof sourceFlags>, 'via'>;

export const clusterOptions = (given: Connection): ClusterOptions => ({
  kind: 'cluster',
  via: given.via,
  connection: {
    kubeconfig: given.kubeconfig,
    context: given.context,
    cluster: given.cluster,
    user: given.user,
    server: given.server,
    token: given.token,
    as: given.as,
    asGroups: given['as-group'],
    asUid: given['as-uid'],
    certificateAuthority: given['certificate-authority'],
    clientCertificate: given['client-certificate'],
    clientKey: given['client-key'],
    tlsServerName: given['tls-server-name'],
    insecureSkipTlsVerify: given['insecure-skip-tls-verify'],
    requestTimeoutMs: given['request-timeout'],
  },
});

/** The archive of --from, else the cluster. */
export function sourceOptions(given: Connection & Pick<Given<typeof sourceFlags>, 'from'>): SourceOptions {
  if (given.from === undefined) return clusterOptions(given);
  if (given.via !== 'client') throw usageError(`--via ${given.via} reaches a cluster, and --from reads a file instead`);
  return { kind: 'archive', file: given.from, connection: clusterOptions(given).connection };
}

export const limitsOf = (given: Given<typeof comparedFlags>, probe: boolean): PlanOptions => ({
  nodes: given.node.length === 0 ? undefined : new Set(given.node),
  ciliumNamespace: given['cilium-namespace'],
  nodeTimeoutMs: given['node-timeout'],
  runTimeoutMs: given.timeout ?? usualRunMs,
  growsWithNodes: given.timeout === undefined,
  concurrency: given.concurrency,
  probe,
});

export const readOptions = (given: Given<typeof sourceFlags> & Connection): ReadOptions => ({
  source: sourceOptions(given),
  limits: { ...limitsOf(given, given.probe), ...(given.from !== undefined && { readsOnce: true }) },
});

/** undefined: all. */
export function namespaceOf(
  given: Pick<Given<typeof resultFlags>, 'namespace' | 'all-namespaces'>,
): string | undefined {
  if (given['all-namespaces'] && given.namespace !== undefined)
    throw usageError('--all-namespaces and --namespace exclude each other');
  return given.namespace;
}

/** In Helm's order: all of --set before all of --set-string; undefined: none were given. */
export const valuesOptions = (given: Given<typeof valuesFlags>): HelmFlags | undefined =>
  given.values.length + given.set.length + given['set-string'].length === 0
    ? undefined
    : {
        files: given.values,
        sets: [
          ...given.set.map((text) => ({ flag: '--set', text }) as const),
          ...given['set-string'].map((text) => ({ flag: '--set-string', text }) as const),
        ],
      };

/** The branches of the given versions, each once, oldest first. */
export function targetBranches(versions: readonly string[]): readonly Branch[] {
  const asked = new Set(versions.map(branchNamed));
  return branches.filter((branch) => asked.has(branch));
}

/** A release of the given version: a branch stands for the newest that is known of it. */
export function releaseNamed(text: string): string {
  const branch = branchNamed(text);
  return /^v?\d+\.\d+$/.test(text) ? newestRead[branch] : text.replace(/^v/, '');
}

function branchNamed(text: string): Branch {
  const version = parseVersion(text);
  const branch = version === undefined ? undefined : branchOf(version);
  if (branch === undefined)
    throw usageError(
      version === undefined ? `--to-version ${text} is no version` : `Cilium ${text} is not known here`,
      `The charts of ${branches[0]} to ${newestBranch} are, for example: --to-version ${newestBranch}`,
    );
  return branch;
}
