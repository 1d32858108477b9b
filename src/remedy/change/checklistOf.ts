import type { Derivations } from '../../core/Derivations.ts';
import { commonSettings } from '../../expect/agent/commonSettings.ts';
import type { Intent } from '../../model/Intent.ts';
import type { CarriedSetting, Checklist, ChecklistStep } from './Checklist.ts';
import { carriedSettings } from './carriedSettings.ts';
import { enableSteps } from './enable.ts';
import { type Ground, groundOf } from './Ground.ts';
import { removeSteps } from './removeKubeProxy.ts';
import { rollbackSteps } from './rollback.ts';
import { upgradeSteps } from './upgrade.ts';

/** The way from the cluster as it was read to what is intended, with commands that can be pasted. Pure. */
export function checklistOf(derivations: Derivations, intent: Intent): Checklist {
  const ground = groundOf(derivations, intent);
  const settings = intent.change === 'enable' ? carriedSettings(ground, derivations) : [];
  return {
    change: intent.change,
    settings: [...settings, ...told(ground)],
    losses: lossesOf(ground, derivations),
    steps: stepsOf(ground, settings),
  };
}

function stepsOf(ground: Ground, settings: readonly CarriedSetting[]): readonly ChecklistStep[] {
  const { change } = ground.intent;
  switch (change) {
    case 'enable':
      return enableSteps(ground, settings);
    case 'remove-kube-proxy':
      return removeSteps(ground);
    case 'upgrade':
      return upgradeSteps(ground);
    case 'rollback':
      return rollbackSteps(ground);
    default:
      return change satisfies never;
  }
}

/** What a reader wants to see of kube-proxy, and nobody has to set. */
function told({ proxy, intent }: Ground): readonly CarriedSetting[] {
  if (proxy.settings === undefined || intent.change === 'upgrade') return [];
  const { mode = 'iptables', clusterCidr } = proxy.settings;
  return [
    { helm: null, value: `mode ${mode}`, from: 'ConfigMap kube-system/kube-proxy' },
    ...(clusterCidr === undefined
      ? []
      : [{ helm: null, value: `clusterCIDR ${clusterCidr}`, from: 'ConfigMap kube-system/kube-proxy' }]),
  ];
}

function lossesOf({ intent, proxy }: Ground, derivations: Derivations): readonly string[] {
  const common = derivations.of(commonSettings);
  const settings = 'missing' in common ? undefined : common;
  switch (intent.change) {
    case 'enable':
    case 'remove-kube-proxy':
      return [
        'Connections that kube-proxy translated are not known to Cilium: long-lived ones (databases, brokers, watches) and UDP flows may have to be made anew',
        ...(proxy.settings?.mode === 'ipvs'
          ? ['What chose backends in IPVS (rr, lc, sh, …) is replaced by random or maglev']
          : []),
      ];
    case 'upgrade':
      return [];
    case 'rollback':
      return [
        'Connections that eBPF translated are not known to kube-proxy: those through NodePorts and load balancers have to be made anew',
        ...(settings === undefined || settings.mode.value === 'snat'
          ? []
          : [`Clients’ addresses: kube-proxy does not do ${settings.mode.value.toUpperCase()}`]),
        ...(settings?.algorithm.value === 'maglev'
          ? ['Consistent hashing (maglev): kube-proxy chooses at random']
          : []),
        ...(settings?.localRedirects.value === true
          ? ['Local redirect policies, which need the replacement: node-local DNS among them']
          : []),
      ];
    default:
      return intent.change satisfies never;
  }
}
