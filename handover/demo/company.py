"""The people of the demo: a delivery firm, its departments and three clients. All names are made up."""

from dataclasses import dataclass

OWN = "Brightwater Digital"
DEPARTMENTS = ["Project office", "Delivery", "Engineering", "Quality", "Support", "Sales", "Marketing", "Finance"]
CLIENTS = {
    "northwind": "Northwind Insurance",
    "atlas": "Atlas Retail Group",
    "larkhaven": "City of Larkhaven",
}


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    title: str
    department: str = ""
    client: str = ""
    site_role: str = ""
    hourly: int = 0
    # Shown on the sign-in page of the demo, under this word.
    sign_in: str = ""


PEOPLE = [
    Person("admin", "Noor Haddad", "System administrator", "Support", site_role="admin", sign_in="Administrator"),
    Person("pmo", "Viktor Lindqvist", "Head of project office", "Project office", site_role="pmo", sign_in="PMO"),
    # Project managers
    Person("ines", "Ines Moreau", "Project manager", "Project office", hourly=96, sign_in="Project manager"),
    Person("rafael", "Rafael Duarte", "Project manager", "Project office", hourly=94),
    Person("hanna", "Hanna Kowalska", "Senior project manager", "Project office", hourly=104),
    Person("samuel", "Samuel Adeyemi", "Project manager", "Project office", hourly=92),
    # Delivery managers
    Person("jude", "Jude Okafor", "Delivery manager", "Delivery", hourly=92, sign_in="Delivery manager"),
    Person("mira", "Mira Castellanos", "Delivery manager", "Delivery", hourly=90),
    Person("petra", "Petra Novák", "Delivery manager", "Delivery", hourly=91),
    # Sponsors and stakeholders
    Person("tom", "Tom Keller", "Director of services", "Sales", sign_in="Sponsor"),
    Person("aiko", "Aiko Tanaka", "Chief operating officer", "Finance"),
    Person("greta", "Greta Sandvik", "Head of finance", "Finance", sign_in="Stakeholder"),
    Person("omar", "Omar Benali", "Head of sales", "Sales"),
    Person("lucia", "Lucía Ferrer", "Head of marketing", "Marketing"),
    # Engineering and quality
    Person("sana", "Sana Aziz", "Lead engineer", "Engineering", hourly=88, sign_in="Team member"),
    Person("liam", "Liam Byrne", "Backend engineer", "Engineering", hourly=78),
    Person("chloe", "Chloé Bernard", "Frontend engineer", "Engineering", hourly=76),
    Person("dmitri", "Dmitri Volkov", "Backend engineer", "Engineering", hourly=80),
    Person("yara", "Yara Silva", "Data engineer", "Engineering", hourly=82),
    Person("ben", "Ben Whitaker", "Mobile engineer", "Engineering", hourly=77),
    Person("anya", "Anya Petrova", "Designer", "Engineering", hourly=74),
    Person("kofi", "Kofi Mensah", "Integration engineer", "Engineering", hourly=81),
    Person("elin", "Elin Berg", "Architect", "Engineering", hourly=99),
    Person("marco", "Marco Rinaldi", "Operations engineer", "Engineering", hourly=79),
    Person("tess", "Tess van Dijk", "Test engineer", "Quality", hourly=70),
    Person("arjun", "Arjun Mehta", "Test engineer", "Quality", hourly=71),
    Person("fiona", "Fiona Murphy", "Business analyst", "Project office", hourly=79),
    Person("luca", "Luca Bianchi", "Business analyst", "Project office", hourly=78),
    # Support
    Person("nia", "Nia Thompson", "Support agent", "Support", hourly=52, sign_in="Support"),
    Person("oskar", "Oskar Weiss", "Support agent", "Support", hourly=51),
    Person("priya", "Priya Nair", "Support lead", "Support", hourly=60),
    Person("jonas", "Jonas Richter", "Support agent", "Support", hourly=50),
    # Clients
    Person("carol", "Carol Winters", "Head of claims", client="northwind", sign_in="Client"),
    Person("edwin", "Edwin Marsh", "Claims team lead", client="northwind"),
    Person("joy", "Joy Abara", "Broker relations", client="northwind"),
    Person("pavel", "Pavel Horák", "Logistics director", client="atlas"),
    Person("simone", "Simone Keita", "Store operations", client="atlas"),
    Person("rosa", "Rosa Lindgren", "Digital services", client="larkhaven"),
    Person("henry", "Henry Osei", "Citizen office", client="larkhaven"),
    Person("wanda", "Wanda Blake", "Parking authority", client="larkhaven"),
]

MAIL_DOMAIN = {
    "": "brightwater.example",
    "northwind": "northwind.example",
    "atlas": "atlas.example",
    "larkhaven": "larkhaven.example",
}
