import type { ClusterPort, ExecTarget } from './ClusterPort.ts';

/** What is run in a container, as a user would type it. */
export const shownOn = ({ kubectl }: Pick<ClusterPort, 'kubectl'>, target: ExecTarget, shown: string): string =>
  `${kubectl} -n ${target.namespace} exec ${target.pod} -c ${target.container} -- ${shown}`;
