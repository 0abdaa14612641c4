// The part of an answer of Azure AI Document Intelligence (model prebuilt-layout, API 2024-11-30) that we use. Fields that
// are not named here are passed over: the service adds some now and then.

import { z } from "zod";

const polygon = z.array(z.number()).min(8).max(64);
const span = z.object({ offset: z.int().min(0), length: z.int().min(0) });

const word = z.object({ content: z.string(), polygon, confidence: z.number(), span });
const line = z.object({ content: z.string(), polygon, spans: z.array(span) });

const page = z.object({
  pageNumber: z.int().min(1),
  width: z.number().positive(),
  height: z.number().positive(),
  unit: z.enum(["pixel", "inch"]),
  words: z.array(word).default([]),
  lines: z.array(line).default([]),
});

const cell = z.object({
  rowIndex: z.int().min(0),
  columnIndex: z.int().min(0),
  rowSpan: z.int().min(1).default(1),
  columnSpan: z.int().min(1).default(1),
  boundingRegions: z.array(z.object({ pageNumber: z.int().min(1), polygon })).default([]),
  spans: z.array(span).default([]),
});

const table = z.object({
  rowCount: z.int().min(1),
  columnCount: z.int().min(1),
  cells: z.array(cell),
});

export const azureAnswerSchema = z.object({
  status: z.enum(["notStarted", "running", "succeeded", "failed", "canceled", "skipped"]),
  error: z.object({ code: z.string(), message: z.string().default("") }).optional(),
  analyzeResult: z.object({
    modelId: z.string(),
    apiVersion: z.string().default(""),
    pages: z.array(page).min(1),
    tables: z.array(table).default([]),
  }).optional(),
});

export type AzureAnswer = z.infer<typeof azureAnswerSchema>;
export type AzureResult = NonNullable<AzureAnswer["analyzeResult"]>;
export type AzurePage = z.infer<typeof page>;
export type AzureTable = z.infer<typeof table>;
export type AzureSpan = z.infer<typeof span>;
