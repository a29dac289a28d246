// What a result says of how it came to be, in XMP: IPTC's Digital Source Type (Photo Metadata Standard 2025.1, namespace Iptc4xmpExt).

/**
 * "Modification or correction by algorithm without changing the main content of the media, initiated or configured by a human": what is painted
 * here is computed from the photo itself, and there is no model. A worker that has a generative one paint has to say
 * `compositeWithTrainedAlgorithmicMedia` ("Edited using Generative AI") instead.
 */
const SOURCE_TYPE = 'http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced';

export const XMP = `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="${SOURCE_TYPE}"/>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>`;
