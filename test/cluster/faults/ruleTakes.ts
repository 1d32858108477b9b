import { defineFault } from '../lib/Fault.ts';
import { addRule, clearTable, removeRule } from '../lib/takingRule.ts';

export default defineFault({
  id: 'rule-takes',
  title: 'a rule of n1 (ip rule) sends what is for the pods of n2 by a table of its own, as a VPN does',
  expect: [
    { code: 'KPR1019', nodes: ['n1'] },
    { code: 'KPR1017', nodes: ['n1', 'n2'], from: 'KPR1019' },
  ],
  also: ['KPR6002'],
  showsAfter: 2,
  remedy: { decided: { [removeRule]: removeRule } },
  tidy: clearTable,
  inject: addRule,
});
