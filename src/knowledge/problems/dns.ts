import { defineProblems } from '../Problem.ts';

export const dnsProblems = defineProblems({});
