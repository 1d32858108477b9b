import { defineProblems } from '../Problem.ts';

export const servicesProblems = defineProblems({});
