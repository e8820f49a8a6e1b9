"""What makes a PDF of pictures a PDF/A-2b (ISO 19005-2), which archives ask for."""

from __future__ import annotations

from functools import cache
from typing import Final

from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import ImageCms

PRODUCER: Final = "Whaleline"

# XMP 2005, part 1, section 7; ISO 19005-2, 6.6. It says as much as the information dictionary and no time, so that
# equal documents are equal.
_METADATA: Final = f"""\
<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
<pdf:Producer>{PRODUCER}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
""".encode()

# ICC.1:2004-10, section 7.2, which is what PDF 1.7 knows (ISO 32000-1, table 67)
_VERSION_AT, _VERSION = 8, bytes((4, 0x20, 0, 0))
_MADE_AT, _MADE = 24, bytes.fromhex("07d0 0001 0001 0000 0000 0000")  # 1 January 2000: lcms writes when it ran


def mark(pdf: Pdf) -> None:
    """Add what a PDF/A-2b has beside its pages: metadata, and what its colours mean. Its identifier comes when saved.

    The pages have to be of the kind already: pictures in grey or RGB, embedded fonts with their true widths, no
    transparency, no encryption.
    """
    pdf.docinfo["/Producer"] = PRODUCER
    metadata = Stream(pdf, _METADATA)  # not compressed, so that programs find it that know no PDF (6.6.2.1)
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = metadata
    profile = Stream(pdf, _srgb())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier="sRGB IEC61966-2.1",
        Info="sRGB IEC61966-2.1",
        DestOutputProfile=profile,
    )
    pdf.Root.OutputIntents = Array([intent])


@cache
def _srgb() -> bytes:
    """An ICC profile of sRGB, always the same."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_VERSION_AT : _VERSION_AT + len(_VERSION)] = _VERSION
    profile[_MADE_AT : _MADE_AT + len(_MADE)] = _MADE
    return bytes(profile)
