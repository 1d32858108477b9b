import { cleanedUp } from '../lib/cleanedUp.ts';
import { defineFault } from '../lib/Fault.ts';
import { kubeProxyWithoutImage } from '../lib/kubeProxyWithoutImage.ts';
import { removeKubeProxy } from '../lib/removeKubeProxy.ts';
import nodeConfigTurnsOff from './nodeConfigTurnsOff.ts';

export default defineFault({
  id: 'nobody-serves-node',
  title: 'a CiliumNodeConfig leaves n2 to a kube-proxy whose pods never start',
  expect: [
    { code: 'KPR1004', nodes: ['n2'] },
    { code: 'KPR3003', nodes: ['n1'] },
  ],
  also: [...(nodeConfigTurnsOff.also ?? []), 'KPR3002'],
  cleanWithin: 180,
  remedy: { decided: cleanedUp },
  tidy: async (bed) => {
    await nodeConfigTurnsOff.tidy?.(bed);
    await removeKubeProxy(bed);
  },
  inject: async (bed) => {
    const repair = await nodeConfigTurnsOff.inject(bed);
    await kubeProxyWithoutImage(bed);
    return async () => {
      await repair();
      await removeKubeProxy(bed);
    };
  },
});
