import { defineFault } from '../lib/Fault.ts';

/** What a person writes there. */
const withEditor = [
  `printf '%s\n' '#!/bin/sh' 'sed -i "s/proxy: {}/proxy: {disabled: true}/" "$1"' > edit.sh`,
  'chmod +x edit.sh',
  'KUBE_EDITOR=./edit.sh kubectl -n kube-system edit configmap kubeadm-config',
].join(' && ');

export default defineFault({
  id: 'kubeadm-would-bring-it-back',
  title: 'kubeadm’s configuration does not say that kube-proxy is off',
  expect: [{ code: 'KPR3002' }],
  exitCode: 0,
  remedy: { decided: { 'kubectl -n kube-system edit configmap kubeadm-config': withEditor } },
  inject: async (bed) => {
    const before = await bed.kubectl('-n', 'kube-system', 'get', 'configmap', 'kubeadm-config', '-o', 'json');
    const { data } = JSON.parse(before) as { data: { ClusterConfiguration: string } };
    const set = (text: string): Promise<string> =>
      bed.kubectl(
        '-n',
        'kube-system',
        'patch',
        'configmap',
        'kubeadm-config',
        '--type=merge',
        '-p',
        JSON.stringify({ data: { ClusterConfiguration: text } }),
      );
    await set(data.ClusterConfiguration.replace('proxy: {disabled: true}', 'proxy: {}'));
    return () => set(data.ClusterConfiguration);
  },
});
