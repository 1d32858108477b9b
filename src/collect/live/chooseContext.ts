import { KprError } from '../../core/KprError.ts';
import { listFirst } from '../../text/names.ts';
import type { ConnectionFlags } from '../ConnectionFlags.ts';
import {
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigUser,
  noCluster,
  noUser,
} from './Kubeconfig.ts';
import type { LoadedKubeconfig } from './loadKubeconfig.ts';

/** What a run goes by: entries of the kubeconfig, before flags are laid over their fields. */
export interface ChosenContext {
  readonly contextName: string;
  readonly context: KubeconfigContext;
  readonly clusterName: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

const noContext: KubeconfigContext = { cluster: '', user: '', namespace: '' };

/**
 * The context, cluster and user of a kubeconfig that the flags choose. Where there is no kubeconfig, `inCluster` is one
 * (as for kubectl: not if a context is asked for). Throws a KprError if something refers to what does not exist.
 */
export function chooseContext(
  flags: ConnectionFlags,
  loaded: LoadedKubeconfig,
  inCluster: Kubeconfig | undefined,
): ChosenContext {
  let { kubeconfig } = loaded;
  if (isEmpty(kubeconfig) && !flags.context) {
    if (inCluster) kubeconfig = inCluster;
    else if (!flags.server) throw nothingFound(loaded);
  }
  const where = loaded.files.join(', ') || 'the kubeconfig (there is none)';
  const [contextName, context] = chooseByName(flags, kubeconfig, where);
  const by = context === noContext ? '' : ` of context "${contextName}"`;
  const clusterName = flags.cluster || context.cluster;
  const userName = flags.user || context.user;
  return {
    contextName,
    context,
    clusterName,
    cluster: clusterName
      ? lookUp(kubeconfig.clusters, 'cluster', clusterName, flags.cluster ? '' : by, where)
      : noCluster,
    user: userName ? lookUp(kubeconfig.users, 'user', userName, flags.user ? '' : by, where) : noUser,
  };
}

const known = (map: ReadonlyMap<string, unknown>): string => listFirst([...map.keys()].sort(), 20) || 'none';

/** An entry that a name refers to. `by` says who refers, for the message. */
function lookUp<T>(map: ReadonlyMap<string, T>, kind: string, name: string, by: string, where: string): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  throw new KprError(`The ${kind} "${name}"${by} does not exist in ${where}`, `Known ${kind}s: ${known(map)}`);
}

function isEmpty(kubeconfig: Kubeconfig): boolean {
  return kubeconfig.clusters.size === 0 && kubeconfig.contexts.size === 0 && kubeconfig.users.size === 0;
}

function nothingFound(loaded: LoadedKubeconfig): KprError {
  return new KprError(
    `No cluster to ask: ${loaded.lookedFor.length > 0 ? loaded.lookedFor.join(', ') : 'no kubeconfig (HOME is not set)'} ${
      loaded.files.length > 0 ? 'says nothing of one' : 'does not exist'
    }, and this is not a pod with a service account`,
    'Give --kubeconfig FILE, set KUBECONFIG, or read an archive with --from FILE',
  );
}

function chooseByName(flags: ConnectionFlags, kubeconfig: Kubeconfig, where: string): [string, KubeconfigContext] {
  const name = flags.context || kubeconfig.currentContext;
  if (name !== '') {
    const by = flags.context ? '' : ' that is chosen as the current one';
    return [name, lookUp(kubeconfig.contexts, 'context', name, by, where)];
  }
  if (flags.server || flags.cluster) return ['no context', noContext];
  throw new KprError(
    `No context is chosen: ${where} has no current-context`,
    `Give --context NAME, or kubectl config use-context NAME; known contexts: ${known(kubeconfig.contexts)}`,
  );
}
