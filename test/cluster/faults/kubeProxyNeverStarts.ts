import { cleanedUp } from '../lib/cleanedUp.ts';
import { defineFault } from '../lib/Fault.ts';
import { kubeProxyWithoutImage } from '../lib/kubeProxyWithoutImage.ts';
import { removeKubeProxy } from '../lib/removeKubeProxy.ts';

export default defineFault({
  id: 'kube-proxy-never-starts',
  title: 'kube-proxy’s pods have an image that nobody has: it runs nowhere, and its rules stay',
  expect: [{ code: 'KPR3003', nodes: ['n1', 'n2'] }],
  also: ['KPR3002'],
  cleanWithin: 90,
  remedy: { decided: cleanedUp },
  tidy: removeKubeProxy,
  inject: async (bed) => {
    await kubeProxyWithoutImage(bed);
    return () => removeKubeProxy(bed);
  },
});
