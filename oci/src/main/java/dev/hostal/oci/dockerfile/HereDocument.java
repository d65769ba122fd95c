package dev.hostal.oci.dockerfile;

/// Text that stands in the Dockerfile itself.
///
/// @param name the word that ends it
/// @param expand variables in it are filled in: its name was not quoted
/// @param fileDescriptor as written before `<<`; 0 where none is
/// @param content with the ends of its lines as they are; of `<<-` without the tabs at their beginnings
public record HereDocument(String name, boolean expand, int fileDescriptor, String content) {
    /// Whether a command is nothing but the beginning of a here-document, whose content is then the program.
    public static boolean isAlone(String command) {
        return HereDocumentStart.of(Space.strip(command)).isPresent();
    }
}
