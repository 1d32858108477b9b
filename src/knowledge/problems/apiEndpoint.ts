import { defineProblems } from '../Problem.ts';

export const apiEndpointProblems = defineProblems({});
