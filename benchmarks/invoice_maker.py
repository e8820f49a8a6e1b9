"""Invoices that a seed makes: their words and places are not those that the rules were written by.

The labels were gathered from what invoicing programs print, not from the rules' own table; `benchmarks/invoices.py`
says how many of them that table has all the same. Every invoice draws its labels, fonts, the places of its parts, what
is printed at all, and its goods and sums by chance.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
MARGIN = 130
_FONTS = Path("/usr/share/fonts/truetype")
_FAMILIES = (
    "dejavu/DejaVuSans", "dejavu/DejaVuSerif", "dejavu/DejaVuSansCondensed", "liberation/LiberationSans-Regular",
    "liberation/LiberationSerif-Regular", "noto/NotoSans-Regular", "noto/NotoSerif-Regular",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What a language's invoices say; each label in several ways."""

    wire: str
    mark: str
    date: str
    months: tuple[str, ...]
    currency: tuple[str, str]
    vat: tuple[str, str]
    title: tuple[str, ...]
    number: tuple[str, ...]
    issued: tuple[str, ...]
    due: tuple[str, ...]
    order: tuple[str, ...]
    buyer: tuple[str, ...]
    seller: tuple[str, ...]
    net: tuple[str, ...]
    tax: tuple[str, ...]
    gross: tuple[str, ...]
    vat_id: tuple[str, ...]
    bank: tuple[str, ...]
    phone: tuple[str, ...]
    columns: tuple[str, str, str, str]
    goods: tuple[str, ...]
    companies: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    rates: tuple[int, ...]


LANGUAGES = {
    "en": Words(
        "English", ".", "%d %b %Y", ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
        "Dec"),
        ("GBP", "£{}"), ("GB", "123456789"),
        ("INVOICE", "Tax Invoice", "Sales Invoice"),
        ("Invoice Number", "Invoice ref.", "Inv. No.", "Document number", "Our invoice no."),
        ("Invoice Date", "Date of issue", "Issued", "Billing date", "Tax date"),
        ("Due Date", "Payment due by", "Please pay before", "Settlement date", "Due for payment"),
        ("Purchase Order", "Your PO", "Customer order no.", "PO reference"),
        ("Bill To", "Invoice for", "Billed to", "Client details", "Sold to:"),
        ("From", "Supplier", "Pay to", "Our address"),
        ("Subtotal", "Total excl. VAT", "Net amount", "Goods total net", "Taxable total"),
        ("VAT @ {}%", "VAT ({}%)", "Total VAT", "Sales tax {}%"),
        ("Total", "Invoice total", "Total incl. VAT", "Amount payable", "GRAND TOTAL"),
        ("VAT Reg No", "VAT number", "VAT registration"), ("Bank", "Bank name", "Account with"), ("Tel", "Phone",
        "Call"),
        ("Description", "Qty", "Unit price", "Amount"),
        ("Oak shelf", "Brass hinge", "Delivery to site", "Consulting day", "Paint, matt white", "Garden hose 20 m"),
        ("Harrow & Finch Ltd", "Penrose Joinery Limited", "Calder Mills plc", "Bellweather Studio Ltd"),
        ("14 Tanner Row", "3 Quayside Court", "221 Orchard Road", "Unit 7, Albion Works"),
        ("London EC1V 4PW", "Leeds LS1 4DT", "Bristol BS1 6QH", "Glasgow G2 8JX"), (20, 5)),
    "de": Words(
        "German", ",", "%d.%m.%Y", ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
                                    "Oktober", "November", "Dezember"),
        ("EUR", "{} €"), ("DE", "136695976"),
        ("Rechnung", "RECHNUNG", "Ausgangsrechnung", "Ihre Rechnung"),
        ("Rechnungsnummer", "Rechnungs-Nr.", "Beleg", "Rechnung Nr.", "Vorgangsnummer"),
        ("Rechnungsdatum", "Datum", "Ausgestellt am", "Belegdatum", "Rechnungsstellung"),
        ("Fälligkeitsdatum", "Zahlbar bis", "Zahlungsfrist", "Bitte zahlen bis", "Fällig"),
        ("Bestellnummer", "Ihre Bestellung", "Auftrag", "Bestell-Ref."),
        ("Rechnungsanschrift", "Kunde", "Rechnung an", "Rechnungsempfänger", "An"),
        ("Anbieter", "Rechnungssteller", "Lieferant", "Von"),
        ("Zwischensumme", "Nettosumme", "Summe netto", "Netto", "Gesamt netto"),
        ("MwSt. {} %", "USt. {} %", "zzgl. {} % Umsatzsteuer", "Steuer ({}%)"),
        ("Gesamt", "Gesamtbetrag", "Rechnungsbetrag", "Bruttobetrag", "Endsumme inkl. MwSt."),
        ("USt.-ID", "USt-IdNr.", "Umsatzsteuer-ID"), ("Bank", "Bankverbindung", "Kreditinstitut"), ("Tel.", "Telefon"),
        ("Artikel", "Menge", "Preis", "Summe"),
        ("Regalbrett Eiche", "Messingscharnier", "Anfahrt", "Beratungstag", "Wandfarbe weiß", "Gartenschlauch 20 m"),
        ("Lindner Holzbau GmbH", "Kranich & Sohn KG", "Elbtal Elektronik AG", "Weber Druck OHG"),
        ("Lindenweg 14", "Am Speicher 3", "Kastanienallee 221", "Industriestraße 7"),
        ("20457 Hamburg", "01067 Dresden", "50667 Köln", "70173 Stuttgart"), (19, 7)),
    "fr": Words(
        "French", ",", "%d/%m/%Y", ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
        "septembre",
                                    "octobre", "novembre", "décembre"),
        ("EUR", "{} €"), ("FR", "40303265045"),
        ("FACTURE", "Facture"), ("Numéro de facture", "Facture n°", "N° de pièce", "Réf. facture"),
        ("Date de facture", "Émise le", "Date d'émission", "Facturé le"),
        ("Échéance", "Date d'échéance", "À payer avant le", "Date limite de règlement"),
        ("Bon de commande", "Votre commande n°", "Réf. client"), ("Facturer à", "Client", "Adressé à", "Destinataire"),
        ("Émetteur", "Vendeur", "Société"), ("Sous-total", "Total HT", "Montant hors taxes", "Net HT"),
        ("TVA {}%", "TVA ({} %)", "Montant de TVA", "Taxe {}%"), ("Total TTC", "Total", "Net à payer", "Montant TTC"),
        ("N° TVA", "TVA intracom.", "Identifiant TVA"), ("Banque", "Domiciliation"), ("Tél.", "Téléphone"),
        ("Désignation", "Qté", "P.U.", "Montant"),
        ("Étagère chêne", "Charnière laiton", "Livraison", "Journée de conseil", "Peinture blanche", "Tuyau 20 m"),
        ("Menuiserie Dubreuil SARL", "Atelier Lafont SAS", "Les Moulins Réunis SA", "Studio Garance EURL"),
        ("14 rue des Tanneurs", "3 quai de la Fosse", "221 avenue Foch", "7 impasse du Lavoir"),
        ("75011 Paris", "44000 Nantes", "69002 Lyon", "33000 Bordeaux"), (20, 10)),
    "nl": Words(
        "Dutch", ",", "%d-%m-%Y", ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
        "september",
                                   "oktober", "november", "december"),
        ("EUR", "€ {}"), ("NL", "815254295B01"),
        ("FACTUUR", "Factuur"), ("Factuurnummer", "Factuurnr.", "Ons factuurnummer", "Nummer"),
        ("Factuur datum", "Factuurdatum", "Datum", "Uitgereikt op"), ("Vervaldatum", "Te voldoen voor",
        "Uiterlijk betalen op"),
        ("Uw referentie", "Ordernummer", "Inkoopnummer"), ("Aan", "Factuuradres", "Klantgegevens", "Gefactureerd aan"),
        ("Leverancier", "Van", "Afzender"), ("Subtotaal", "Totaal excl. btw", "Netto bedrag"),
        ("Btw {}%", "BTW {} %", "21% btw over"), ("Totaal", "Totaal incl. btw", "Te betalen", "Factuurbedrag"),
        ("Btw-nummer", "BTW-id", "BTW nr."), ("Bank", "Bankrekening bij"), ("Tel.", "Telefoon"),
        ("Omschrijving", "Aantal", "Prijs", "Bedrag"),
        ("Eiken plank", "Messing scharnier", "Bezorging", "Adviesdag", "Muurverf wit", "Tuinslang 20 m"),
        ("Van der Meer Houtbouw B.V.", "Drukkerij De Gans B.V.", "Noordzee Techniek N.V.", "Studio Blauw VOF"),
        ("Looiersgracht 14", "Kade 3", "Kastanjelaan 221", "Werkhaven 7"),
        ("1016 VR Amsterdam", "3011 AA Rotterdam", "3511 LN Utrecht", "9711 LM Groningen"), (21, 9)),
    "es": Words(
        "Spanish", ",", "%d/%m/%Y", ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
        "septiembre",
                                     "octubre", "noviembre", "diciembre"),
        ("EUR", "{} €"), ("ES", "A12345674"),
        ("FACTURA", "Factura"), ("Número de factura", "Factura nº", "Nº factura", "Ref. factura"),
        ("Fecha de factura", "Fecha", "Emitida el", "Fecha de expedición"),
        ("Vencimiento", "Fecha de vencimiento", "Pagar antes del"), ("Pedido", "Su pedido nº", "Orden de compra"),
        ("Facturar a", "Cliente", "Cobrar a", "Datos del cliente"), ("Emisor", "Proveedor", "Empresa"),
        ("Subtotal", "Base imponible", "Importe neto"), ("IVA {}%", "IVA ({} %)", "Impuesto {}%"),
        ("Total", "Total factura", "Importe total", "TOTAL A PAGAR"), ("NIF", "CIF", "NIF-IVA"), ("Banco", "Entidad"),
        ("Tel.", "Teléfono"), ("Descripción", "Cant.", "Precio", "Importe"),
        ("Estante de roble", "Bisagra de latón", "Transporte", "Día de consultoría", "Pintura blanca", "Manguera 20 m"),
        ("Carpintería Robles S.L.", "Imprenta del Sur S.A.", "Electro Levante S.L.U.", "Talleres Mata S.L."),
        ("Calle Mayor 14", "Avenida del Puerto 3", "Paseo de Gracia 221", "Polígono Norte, nave 7"),
        ("28013 Madrid", "41001 Sevilla", "46021 Valencia", "08008 Barcelona"), (21, 10)),
    "it": Words(
        "Italian", ",", "%d/%m/%Y", ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
                                     "settembre", "ottobre", "novembre", "dicembre"),
        ("EUR", "€ {}"), ("IT", "00743110157"),
        ("FATTURA", "Fattura"), ("Numero fattura", "Fattura n.", "N. documento", "Fattura numero"),
        ("Data fattura", "Data", "Emessa il", "Data documento"), ("Data di scadenza", "Scadenza", "Pagamento entro il"),
        ("Vs. ordine", "Ordine n.", "Riferimento ordine"), ("Fattura a", "Cliente", "Spett.le", "Intestatario"),
        ("Fornitore", "Cedente", "Mittente"), ("Parziale", "Imponibile", "Totale imponibile", "Netto"),
        ("IVA {}%", "IVA ({} %)", "Imposta {}%"), ("Totale", "Totale fattura", "Importo dovuto", "Totale documento"),
        ("P. IVA", "Partita IVA"), ("Banca", "Istituto di credito"), ("Tel.", "Telefono"),
        ("Descrizione", "Quantità", "Prezzo", "Importo"),
        ("Mensola rovere", "Cerniera ottone", "Trasporto", "Giornata di consulenza", "Pittura bianca", "Tubo 20 m"),
        ("Falegnameria Rossi S.r.l.", "Tipografia Centrale S.p.A.", "Elettronica Adige S.n.c.", "Studio Verde S.r.l."),
        ("Via dei Conciatori 14", "Lungomare 3", "Corso Italia 221", "Zona Industriale 7"),
        ("50121 Firenze", "20121 Milano", "37121 Verona", "00187 Roma"), (22, 10)),
    "pt": Words(
        "Portuguese", ",", "%d/%m/%Y", ("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto",
                                        "setembro", "outubro", "novembro", "dezembro"),
        ("EUR", "{} €"), ("PT", "501964843"),
        ("FATURA", "Fatura"), ("Número da fatura", "Fatura n.º", "Documento n.º"),
        ("Data de emissão", "Data da fatura", "Emitida em"), ("Data de vencimento", "Vencimento", "Pagar até"),
        ("Encomenda", "V/ referência", "Nota de encomenda"), ("Faturar a", "Cliente", "Exmo.(s) Sr.(s)", "Adquirente"),
        ("Emitente", "Fornecedor"), ("Subtotal", "Total sem IVA", "Total ilíquido"), ("IVA {}%", "IVA ({} %)",
        "Imposto {}%"),
        ("Total", "Total a pagar", "Total com IVA", "Valor total"), ("NIF", "Contribuinte"), ("Banco",), ("Tel.",
        "Telefone"),
        ("Descrição", "Qtd.", "Preço", "Valor"),
        ("Prateleira de carvalho", "Dobradiça de latão", "Transporte", "Dia de consultoria", "Tinta branca",
        "Mangueira 20 m"),
        ("Carpintaria Moderna Lda.", "Gráfica do Tejo S.A.", "Eletro Norte Unipessoal Lda.", "Oficinas Reis Lda."),
        ("Rua das Flores 14", "Largo do Cais 3", "Avenida da República 221", "Zona Industrial 7"),
        ("1200-109 Lisboa", "4050-262 Porto", "3000-213 Coimbra", "8000-076 Faro"), (23, 6)),
    "pl": Words(
        "Polish", ",", "%d.%m.%Y", ("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia",
                                    "września", "października", "listopada", "grudnia"),
        ("PLN", "{} zł"), ("PL", "8567346215"),
        ("FAKTURA VAT", "Faktura"), ("Numer faktury", "Faktura nr", "Nr dokumentu"),
        ("Data wystawienia", "Wystawiono dnia", "Data faktury"), ("Termin płatności", "Płatne do", "Termin zapłaty"),
        ("Zamówienie nr", "Nr zamówienia"), ("Nabywca", "Klient", "Odbiorca"), ("Sprzedawca", "Wystawca"),
        ("Razem netto", "Wartość netto", "Suma netto"), ("VAT {}%", "Kwota VAT", "Podatek VAT {}%"),
        ("Razem do zapłaty", "Wartość brutto", "Do zapłaty", "Razem brutto"), ("NIP",), ("Bank", "Nazwa banku"),
        ("Tel.", "Telefon"), ("Nazwa", "Ilość", "Cena", "Wartość"),
        ("Półka dębowa", "Zawias mosiężny", "Dostawa", "Dzień doradztwa", "Farba biała", "Wąż ogrodowy 20 m"),
        ("Stolarnia Wierzba Sp. z o.o.", "Drukarnia Nowa S.A.", "Elektro Wisła Sp. z o.o.", "Studio Lipa Sp. j."),
        ("ul. Garbarska 14", "ul. Portowa 3", "al. Jana Pawła 221", "ul. Fabryczna 7"),
        ("31-131 Kraków", "80-001 Gdańsk", "00-850 Warszawa", "61-001 Poznań"), (23, 8)),
}  # fmt: skip

_IBANS = {
    "en": "GB29 NWBK 6016 1331 9268 19", "de": "DE89 3704 0044 0532 0130 00", "fr": "FR14 2004 1010 0505 0001 3M02 606",
    "nl": "NL91 ABNA 0417 1643 00", "es": "ES91 2100 0418 4502 0005 1332", "it": "IT60 X054 2811 1010 0000 0123 456",
    "pt": "PT50 0002 0123 1234 5678 9015 4", "pl": "PL61 1090 1014 0000 0712 1981 2874",
}  # fmt: skip
_BICS = {
    "en": "NWBKGB2L", "de": "COBADEFFXXX", "fr": "PSSTFRPPXXX", "nl": "ABNANL2A", "es": "CAIXESBBXXX",
    "it": "BLOPIT22", "pt": "CGDIPTPL", "pl": "WBKPPLPP",
}  # fmt: skip
_BANKS = {
    "en": "NatWest", "de": "Commerzbank", "fr": "La Banque Postale", "nl": "ABN AMRO", "es": "CaixaBank",
    "it": "Banca Lombarda", "pt": "Caixa Geral", "pl": "Santander Bank",
}  # fmt: skip


@dataclass
class Made:
    """An invoice that was made.

    Attributes:
        picture: RGB.
        language: on the wire.
        truth: what is printed, by the names of the fields.
        labels: all that were used.
        numbers: all amounts that are printed.
    """

    picture: Image.Image
    language: str
    truth: dict[str, str | Decimal | datetime.date] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    numbers: set[Decimal] = field(default_factory=set)


class _Sheet:
    """A page that is drawn on, and what is noted of it."""

    def __init__(self, chance: random.Random, language: str) -> None:
        self.chance = chance
        self.words = LANGUAGES[language]
        self.code = language
        self.made = Made(Image.new("RGB", (WIDTH, HEIGHT), "white"), self.words.wire)
        self._pen = ImageDraw.Draw(self.made.picture)
        families = [_FONTS / f"{name}.ttf" for name in _FAMILIES if (_FONTS / f"{name}.ttf").exists()]
        self._family = chance.choice(families)
        self.size = chance.choice((26, 28, 30, 33))
        self.step = round(self.size * chance.uniform(1.35, 1.7))
        self._colon = chance.choice((":", "", ":"))

    def font(self, scale: float = 1.0) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self._family), round(self.size * scale))

    def text(
        self, x: float, y: float, text: str, *, scale: float = 1.0, anchor: str = "la", colour: str = "black"
    ) -> float:
        """Write a line; its width."""
        font = self.font(scale)
        self._pen.text((x, y), text, colour, font, anchor=anchor)
        return font.getlength(text)

    def width(self, text: str, scale: float = 1.0) -> float:
        return self.font(scale).getlength(text)

    def rule(self, y: float) -> None:
        self._pen.line((MARGIN, y, WIDTH - MARGIN, y), "#888888", 2)

    def label(self, kind: str) -> str:
        text: str = self.chance.choice(getattr(self.words, kind))
        self.made.labels.append(text.replace("{}", "").strip())
        return text

    def labelled(self, text: str) -> str:
        return text if text.endswith((":", ".")) else text + self._colon

    def amount(self, value: Decimal, *, sign: bool = False) -> str:
        self.made.numbers.add(value)
        whole, cents = f"{value:,.2f}".split(".")
        if self.words.mark == ",":
            whole = whole.replace(",", "." if self.code not in ("fr", "pl") else " ")
        text = f"{whole}{self.words.mark}{cents}"
        return self.words.currency[1].format(text) if sign else text

    def date(self, value: datetime.date) -> str:
        style = self._date_style
        if style == "words":
            return f"{value.day}{'.' if self.code == 'de' else ''} {self.words.months[value.month - 1]} {value.year}"
        if style == "iso":
            return value.isoformat()
        if self.code == "en":
            return f"{value:%d/%m/%Y}"
        return value.strftime(self.words.date)

    _date_style = "digits"


def make(seed: int) -> Made:
    """One invoice."""
    chance = random.Random(seed)
    code = sorted(LANGUAGES)[seed % len(LANGUAGES)]
    sheet = _Sheet(chance, code)
    sheet._date_style = chance.choice(("digits", "digits", "words", "iso"))
    seller, buyer = chance.sample(sheet.words.companies, 2)
    streets, towns = chance.sample(sheet.words.streets, 2), chance.sample(sheet.words.towns, 2)
    truth = sheet.made.truth
    truth |= {
        "supplier_name": seller,
        "receiver_name": buyer,
        "supplier_street": streets[0],
        "receiver_street": streets[1],
    }
    truth |= {"supplier_town": towns[0], "receiver_town": towns[1]}
    y = _head(sheet, seller, streets[0], towns[0])
    y = _parties_and_facts(sheet, y, buyer, streets[1], towns[1])
    y = _goods(sheet, y)
    _foot(sheet, y, seller)
    return sheet.made


def _head(sheet: _Sheet, seller: str, street: str, town: str) -> float:
    """The seller: in a letterhead, as a line, or under a heading."""
    chance = sheet.chance
    x, anchor = chance.choice(((MARGIN, "la"), (WIDTH - MARGIN, "ra"), (WIDTH / 2, "ma")))
    y = float(MARGIN)
    style = chance.choice(("letterhead", "letterhead", "line", "heading"))
    if style == "line":
        sheet.text(x, y, seller, scale=1.6, anchor=anchor)
        y += 2.6 * sheet.step
        sheet.text(MARGIN, y, f"{seller} · {street} · {town}", scale=0.75)
        return y + 1.2 * sheet.step
    if style == "heading":
        anchor, x = "la", min(x, WIDTH - 5.5 * MARGIN)
        sheet.text(x, y, sheet.labelled(sheet.label("seller")), anchor=anchor)
        y += sheet.step
    sheet.text(x, y, seller, scale=1.0 if style == "heading" else 1.3, anchor=anchor)
    y += sheet.step * 1.3
    lines = [street, town]
    if chance.random() < 0.7:
        phone = f"0{chance.randrange(20, 99)} {chance.randrange(1000, 9999)} {chance.randrange(100, 999)}"
        lines.append(f"{sheet.label('phone')} {phone}")
        sheet.made.truth["supplier_phone"] = phone
    if chance.random() < 0.6:
        mail = f"office@{''.join(c for c in seller.lower() if c.isascii() and c.isalpha())[:10]}.example"
        lines.append(mail)
        sheet.made.truth["supplier_email"] = mail
    for line in lines:
        sheet.text(x, y, line, anchor=anchor)
        y += sheet.step
    return y + sheet.step


def _parties_and_facts(sheet: _Sheet, y: float, buyer: str, street: str, town: str) -> float:
    chance, truth = sheet.chance, sheet.made.truth
    issued = datetime.date(2018, 1, 1) + datetime.timedelta(days=chance.randrange(2500))
    number = chance.choice(("{}", "R-{}", "2024/{}", "FA{}", "INV-{}")).format(chance.randrange(1000, 99999))
    truth |= {"invoice_number": number, "issue_date": issued}
    facts = [(sheet.label("number"), number), (sheet.label("issued"), sheet.date(issued))]
    if chance.random() < 0.8:
        due = issued + datetime.timedelta(days=chance.choice((14, 30, 45)))
        truth["due_date"] = due
        facts.append((sheet.label("due"), sheet.date(due)))
    if chance.random() < 0.5:
        order = f"{chance.choice(('PO', 'B', ''))}{chance.randrange(10000, 999999)}"
        truth["order_number"] = order
        facts.append((sheet.label("order"), order))
    title_y = y
    title = sheet.label("title")
    titled = chance.random() < 0.6
    if titled:
        sheet.text(MARGIN, title_y, title, scale=1.7)
        y += 2.4 * sheet.step
    buyer_left = chance.random() < 0.75
    buyer_x = MARGIN if buyer_left else WIDTH / 2 + 60
    top = y
    if chance.random() < 0.8:
        sheet.text(buyer_x, y, sheet.labelled(sheet.label("buyer")))
        y += 1.1 * sheet.step
    for line in (buyer, street, town):
        sheet.text(buyer_x, y, line)
        y += sheet.step
    style = chance.choice(("beside", "beside", "row", "below"))
    if style == "row":
        y += sheet.step
        wide = (WIDTH - 2 * MARGIN) / len(facts)
        for index, (name, value) in enumerate(facts):
            sheet.text(MARGIN + index * wide, y, name, scale=0.85)
            sheet.text(MARGIN + index * wide, y + sheet.step, value)
        return y + 3 * sheet.step
    facts_x = (WIDTH / 2 + 60 if buyer_left else MARGIN) if style == "beside" else MARGIN
    at = top if style == "beside" else y + sheet.step
    gap = max(sheet.width(sheet.labelled(name)) for name, _ in facts) + chance.choice((20, 60, 120))
    right = style == "beside" and buyer_left and chance.random() < 0.5
    for name, value in facts:
        sheet.text(facts_x, at, sheet.labelled(name))
        if right:
            sheet.text(WIDTH - MARGIN, at, value, anchor="ra")
        else:
            sheet.text(facts_x + gap, at, value)
        at += sheet.step
    return max(y, at) + 1.5 * sheet.step


def _goods(sheet: _Sheet, y: float) -> float:
    """The table of goods, and the sums below it."""
    chance, truth = sheet.chance, sheet.made.truth
    columns = (MARGIN, WIDTH * 0.55, WIDTH * 0.73, WIDTH - MARGIN)
    for x, name, anchor in zip(columns, sheet.words.columns, ("la", "ra", "ra", "ra"), strict=True):
        sheet.text(x, y, name, anchor=anchor)
    y += sheet.step
    sheet.rule(y)
    y += 0.4 * sheet.step
    net = Decimal()
    signs = chance.random() < 0.4
    for name in chance.sample(sheet.words.goods, chance.randrange(1, 5)):
        count = chance.randrange(1, 12)
        price = Decimal(chance.randrange(150, 48000)) / 100
        net += count * price
        row = (name, str(count), sheet.amount(price), sheet.amount(count * price, sign=signs))
        for x, text, anchor in zip(columns, row, ("la", "ra", "ra", "ra"), strict=True):
            sheet.text(x, y, text, anchor=anchor)
        y += sheet.step
    sheet.rule(y)
    y += sheet.step
    rate = chance.choice(sheet.words.rates)
    tax = (net * rate / 100).quantize(Decimal("0.01"))
    truth |= {"net_amount": net, "vat": tax, "total_amount": net + tax, "currency": sheet.words.currency[0]}
    sums = [
        (sheet.label("net"), net),
        (sheet.label("tax").replace("{}", str(rate)), tax),
        (sheet.label("gross"), net + tax),
    ]
    code = sheet.words.currency[0]
    signs = chance.random() < 0.6
    x = chance.choice((WIDTH * 0.5, WIDTH * 0.6))
    if chance.random() < 0.2:
        wide = (WIDTH - 2 * MARGIN) / 3
        for index, (name, value) in enumerate(sums):
            sheet.text(MARGIN + (index + 1) * wide, y, name, anchor="ra")
            sheet.text(MARGIN + (index + 1) * wide, y + sheet.step, sheet.amount(value, sign=signs), anchor="ra")
        y += 2 * sheet.step
    else:
        for index, (name, value) in enumerate(sums):
            scale = 1.2 if index == 2 and chance.random() < 0.5 else 1.0
            named = f"{name} {code}" if index == 2 and not signs else sheet.labelled(name)
            sheet.text(x, y, named, scale=scale)
            sheet.text(WIDTH - MARGIN, y, sheet.amount(value, sign=signs), scale=scale, anchor="ra")
            y += sheet.step * 1.2
    if not signs:
        sheet.text(MARGIN, y + sheet.step, code, scale=0.8)
    return y + 2 * sheet.step


def _foot(sheet: _Sheet, y: float, seller: str) -> None:
    """The bank and the tax number, in lines or columns."""
    chance, truth = sheet.chance, sheet.made.truth
    vat = "".join(sheet.words.vat)
    plain = sheet.words.vat[1] if sheet.code in ("es", "it", "pt", "pl") and chance.random() < 0.5 else vat
    truth |= {"account": _IBANS[sheet.code], "bic": _BICS[sheet.code], "bank_name": _BANKS[sheet.code]}
    truth["supplier_tax_id"] = plain
    facts = [
        f"{sheet.label('bank')}: {_BANKS[sheet.code]}",
        f"IBAN{chance.choice((':', '', ' :'))} {_IBANS[sheet.code]}",
        f"BIC{chance.choice((':', '', '/SWIFT:'))} {_BICS[sheet.code]}",
        f"{sheet.label('vat_id')}{chance.choice((':', ''))} {plain}",
    ]
    y = max(y, HEIGHT - MARGIN - 5 * sheet.step)
    if chance.random() < 0.5:
        sheet.rule(y - 0.5 * sheet.step)
        for index, fact in enumerate(facts):
            sheet.text(MARGIN + (index % 2) * WIDTH * 0.45, y + (index // 2) * sheet.step, fact, scale=0.85)
        sheet.text(MARGIN, y + 2 * sheet.step, seller, scale=0.85)
        return
    for fact in facts:
        sheet.text(MARGIN, y, fact, scale=0.9)
        y += sheet.step
