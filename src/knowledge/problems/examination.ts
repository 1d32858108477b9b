import { defineProblems } from '../Problem.ts';

export const examinationProblems = defineProblems({});
