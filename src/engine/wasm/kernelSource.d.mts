/** The folder of the kernels' sources. */
export declare const sourceFolder: string;

/** A hash, in hexadecimal, of assembly/ and of the script that compiles it. */
export declare function kernelSource(): Promise<string>;
