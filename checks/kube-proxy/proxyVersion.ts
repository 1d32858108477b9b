import { valueOf } from '../../src/model/Fact.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

/** The tag of kube-proxy's image that fits the API server, without what distributions add to versions (`v1.31.4-eks-2d5f260`). */
export const proxyVersion = ({ facts }: Pick<Snapshot, 'facts'>): string =>
  /^v\d+\.\d+\.\d+/.exec(valueOf(facts.version)?.gitVersion ?? '')?.[0] ?? 'VERSION';
