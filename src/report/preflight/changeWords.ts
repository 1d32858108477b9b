import type { Change } from '../../model/Intent.ts';
import type { CarriedSettingReport } from './ChangeReport.ts';

/** What a change does, in words that go on from its name. */
export const changeNames: Readonly<Record<Change, string>> = {
  enable: 'Cilium takes over from kube-proxy, node by node, and kube-proxy stays beside it',
  'remove-kube-proxy': 'kube-proxy goes, and its rules after it',
  upgrade: 'Cilium is upgraded, agent by agent',
  rollback: 'kube-proxy serves Services again, and Cilium’s replacement ends',
};

/** As Helm takes it, or as kube-proxy has it. */
export const settingWords = ({ helm, value }: CarriedSettingReport): string =>
  helm === null ? `kube-proxy: ${value}` : `${helm}=${value.replaceAll('\\,', ',')}`;

/** ` to 1.20.2`; nothing for a change that has no version. */
export function goalText(toVersion: string | null, running: readonly string[]): string {
  if (toVersion === null) return '';
  return ` to ${toVersion}${running.every((one) => one === toVersion) ? ', which runs already' : ''}`;
}
