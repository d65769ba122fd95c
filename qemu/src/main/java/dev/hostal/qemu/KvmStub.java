package dev.hostal.qemu;

import static dev.hostal.base.Check.check;

import dev.hostal.model.Arch;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A guest of a few instructions that does what a 64-bit kernel does first, then counts, then ends QEMU with a
/// status. Counting tells hardware from a KVM that interprets: there 64-bit code runs, but a thousand times too
/// slowly for any kernel.
///
/// @param image for QEMU's `-kernel`
/// @param options that it needs beside machine and CPU
/// @param exitStatus QEMU's when it came to its end
record KvmStub(byte[] image, List<String> options, int exitStatus) {
    /// Loaded at 1 MiB by its multiboot header and entered in 32-bit mode.
    /// Source: Multiboot specification 0.6.96, 3.1; Intel SDM volume 3, 9.8.5 "Initializing IA-32e Mode".
    private static final String X86_64 = """
            02b0ad1b                 # magic
            00000100                 # flags: the addresses below count
            fe4f51e4                 # checksum
            00001000 00001000        # header and file are loaded at 1 MiB
            00000000 00000000        # whole file, no bss
            20001000                 # entry
            fa                       # cli
            fc                       # cld
            bc00801000               # mov $0x108000,%esp
            bf00001100               # mov $0x110000,%edi   three empty pages of tables
            31c0                     # xor %eax,%eax
            b9000c0000               # mov $0xc00,%ecx
            f3ab                     # rep stos %eax,%es:(%edi)
            c7050000110003101100     # movl $0x111003,0x110000   PML4 entry 0: the PDPT
            c7050010110003201100     # movl $0x112003,0x111000   PDPT entry 0: the page directory
            bf00201100               # mov $0x112000,%edi   512 pages of 2 MiB: 1 GiB as it is
            b883000000               # mov $0x83,%eax   present, writable, 2 MiB
            8907                     # mov %eax,(%edi)
            83c708                   # add $0x8,%edi
            0500002000               # add $0x200000,%eax
            81ff00301100             # cmp $0x113000,%edi
            72ee                     # jb 53   the next page
            b800001100               # mov $0x110000,%eax
            0f22d8                   # mov %eax,%cr3
            0f20e0                   # mov %cr4,%eax
            83c820                   # or $0x20,%eax   CR4.PAE
            0f22e0                   # mov %eax,%cr4
            b9800000c0               # mov $0xc0000080,%ecx   EFER
            0f32                     # rdmsr
            0d00010000               # or $0x100,%eax   EFER.LME
            0f30                     # wrmsr
            0f20c0                   # mov %cr0,%eax
            0d00000080               # or $0x80000000,%eax   CR0.PG: long mode is on
            0f22c0                   # mov %eax,%cr0
            0f011506011000           # lgdtl 0x100106
            ea9d001000 0800          # ljmp $8,$0x10009d
            b810000000               # mov $0x10,%eax   data segments
            8ed8                     # mov %eax,%ds
            8ed0                     # mov %eax,%ss
            bf60001200               # mov $0x120060,%edi   IDT entry 6: invalid opcode
            b8e7001000               # mov $0x1000e7,%eax   the trap below
            668907                   # mov %ax,(%rdi)
            66c747020800             # movw $0x8,0x2(%rdi)
            66c74704008e             # movw $0x8e00,0x4(%rdi)
            c1e810                   # shr $0x10,%eax
            894706                   # mov %eax,0x6(%rdi)
            c7470a00000000           # movl $0x0,0xa(%rdi)
            0f011c250c011000         # lidt 0x10010c
            0f0b                     # ud2   a trap, as kernels take them
            b900e1f505               # mov $0x5f5e100,%ecx   100 million turns: 0.1 s on hardware
            48ffc9                   # dec %rcx
            75fb                     # jne 0xdb
            b031                     # mov $0x31,%al
            e6f4                     # out %al,$0xf4   isa-debug-exit: status 2 x 0x31 + 1
            f4                       # hlt
            ebfd                     # jmp 0xe4
            4883042402               # addq $0x2,(%rsp)   past the ud2
            48cf                     # iretq
            0000000000000000         # GDT at 0xee: null,
            00000000009a2000         # 64-bit code,
            0000000000920000         # data
            1700 ee001000            # GDT register
            ff0f 0000120000000000    # IDT register
            """;

    /// Entered where it is loaded. Source: Arm Architecture Reference Manual; PSCI 1.1, SYSTEM_OFF.
    private static final String AARCH64 = """
            a1bea052                 # movz w1, #0x05f5, lsl #16: 100 million turns
            21040071                 # subs w1, w1, #1
            e1ffff54                 # b.ne the line above
            0080b052                 # movz w0, #0x8400, lsl #16: PSCI SYSTEM_OFF
            00018072                 # movk w0, #8
            020000d4                 # hvc #0
            00000014                 # b here
            """;

    /// The stub for a host's architecture, as far as there is one.
    static Optional<KvmStub> of(Arch arch) {
        return switch (arch) {
            case X86_64, I386 -> Optional.of(new KvmStub(bytes(X86_64),
                    List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=1"), 2 * 0x31 + 1));
            case AARCH64 -> Optional.of(new KvmStub(bytes(AARCH64), List.of(), 0));
            case ARMHF, RISCV64, PPC64LE, S390X -> Optional.empty();
        };
    }

    private static byte[] bytes(String commented) {
        var hex = commented.replaceAll("#[^\n]*", "").replaceAll("\\s", "");
        check(hex.length() % 2 == 0, "a byte is two digits");
        return HexFormat.of().parseHex(hex);
    }
}
