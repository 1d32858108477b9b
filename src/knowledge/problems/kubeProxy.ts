import { defineProblems } from '../Problem.ts';

export const kubeProxyProblems = defineProblems({});
