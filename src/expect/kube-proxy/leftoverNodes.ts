import { defineDerived } from '../../core/Derived.ts';
import { kubeProxyGone } from './kubeProxyGone.ts';
import { rulesLeft } from './rulesLeft.ts';
import { staleClients } from './staleTranslations.ts';

/**
 * Names of the nodes where something of kube-proxy is in effect although it is gone, so that a second look tells
 * whether packets meet it.
 */
export const leftoverNodes = defineDerived({
  name: 'leftoverNodes',
  uses: [kubeProxyGone, rulesLeft, staleClients],
  compute: ({ nodes }): readonly string[] =>
    nodes
      .filter(({ derived }) => {
        const gone = derived(kubeProxyGone);
        if (gone.kind !== 'gone' || gone.unclear !== undefined) return false;
        if (derived(rulesLeft)) return true;
        const stale = derived(staleClients);
        return 'length' in stale && stale.length > 0;
      })
      .map(({ name }) => name),
});
