// Why material cannot be used: a code that programs know, and a sentence for the person who sent it.

const reasons = {
  material_empty: "The file has no text in it.",
  material_too_large: "The file, or what it unpacks to, is larger than allowed.",
  material_too_complex: "The file is built in a way that takes too long to read.",
  material_encrypted: "The file is protected by a password.",
  material_damaged: "The file is damaged or cut off.",
  material_type_mismatch: "The file is not what its name or type says.",
  material_type_unsupported: "Files of this type cannot be read.",
  material_not_text: "The file is no text, or in an unknown encoding.",
} as const;

export type MaterialCode = keyof typeof reasons;
export const materialCodes = Object.keys(reasons) as MaterialCode[];

/** Of the file, not of the service: trying again changes nothing. */
export class MaterialError extends Error {
  readonly code: MaterialCode;
  /** What exactly was found, for the records. */
  readonly detail: string | null;

  constructor(code: MaterialCode, detail: string | null = null, options?: ErrorOptions) {
    super(reasons[code], options);
    this.name = "MaterialError";
    this.code = code;
    this.detail = detail;
  }
}
